import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { RunAs } from "./postgres-binaries.ts";

// Root's home is closed to others, and PostgreSQL refuses to run as root: then its files are here.
const OPEN = "/var/lib/kontor";

/** Returns the folder of the programs, or of a copy if `user` may not enter it. Only root needs the copy. */
export function reachablePrograms(programs: string, version: string, user: RunAs): string {
  if (mayEnter(programs, user)) return programs;
  const copy = join(OPEN, `postgresql-${version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${randomBytes(6).toString("hex")}`;
    cpSync(dirname(programs), partial, { recursive: true, verbatimSymlinks: true });
    renameSync(partial, copy);
  }
  return join(copy, "bin");
}

/**
 * Returns a folder for the data of a server: `dataDir`, or, if `user` may not enter it, the target of a link of that name.
 * Delete the link to start afresh.
 */
export function reachableData(dataDir: string, user: RunAs): string {
  const parent = dirname(dataDir);
  mkdirSync(parent, { recursive: true });
  if (mayEnter(parent, user)) return dataDir;
  const linked = readLink(dataDir);
  if (linked) return linked;
  mkdirSync(OPEN, { recursive: true });
  removeAbandoned();
  const id = randomBytes(6).toString("hex");
  const elsewhere = join(OPEN, `data-${id}`);
  const partial = join(OPEN, `new-${id}`);
  mkdirSync(partial);
  writeFileSync(join(partial, "link"), dataDir);
  symlinkSync(join(elsewhere, "postgres"), dataDir);
  renameSync(partial, elsewhere); // Complete before other processes, which clean up, can find it.
  return join(elsewhere, "postgres");
}

/** Deletes the data whose links no longer exist. Other processes may do the same at the same time. */
function removeAbandoned(): void {
  for (const name of readdirSync(OPEN).filter((name) => name.startsWith("data-"))) {
    const folder = join(OPEN, name);
    const link = join(folder, "link");
    const owner = existsSync(link) ? readFileSync(link, { encoding: "utf8" }) : undefined;
    if (owner !== undefined && readLink(owner) !== join(folder, "postgres"))
      rmSync(folder, { recursive: true, force: true });
  }
}

function mayEnter(folder: string, user: RunAs): boolean {
  if (user.uid === undefined) return true;
  return spawnSync("/bin/sh", ["-c", 'test -x "$1/."', "sh", folder], { ...user, cwd: "/" }).status === 0;
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
