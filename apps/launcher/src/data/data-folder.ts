import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refusal } from "@kontor/config";
import { foreignOwner } from "../processes/foreign-owner.ts";

const reasons: Record<string, string> = {
  EEXIST: "it, or a folder above it, is a file",
  ENOTDIR: "it, or a folder above it, is a file",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "its file system is read-only",
  ENOSPC: "its file system is full",
  ENAMETOOLONG: "a name in it is too long",
  ELOOP: "its links lead back to themselves",
  ENOENT: "no folder can be created there",
};

/** Creates the folder of the data unless it exists. Throws a Refusal when nothing can be stored there, or PostgreSQL may not use it. */
export function openDataFolder(path: string): void {
  makeUsable(path);
  const foreign = foreignOwner(join(path, "postgres"));
  if (foreign) throw new Refusal(foreign);
}

function makeUsable(path: string): void {
  try {
    create(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const reason = reasons[code] ?? (cause instanceof Error ? cause.message : String(cause));
    throw new Refusal(
      `${path} cannot hold the shop's data: ${reason}.\nChoose another folder: npm start -- --data DIR`,
      {
        cause,
      },
    );
  }
}

/** Creates a folder and those above it. Not by `recursive`, which never returns on file systems such as /proc. */
function create(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) create(parent);
  mkdirSync(path);
}
