import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Refusal } from "@kontor/config";
import { writeDerived } from "../derive.ts";
import { requireCleanTree, type Texts, writeAll } from "../tree.ts";

/** A kind of thing that `kontor new` creates and `kontor remove` removes. */
export interface Kind {
  /** The arguments after the kind on the command line. */
  readonly usage: { readonly create: string; readonly remove: string };
  /** The purpose of the commands, in one sentence. */
  readonly about: { readonly create: string; readonly remove: string };
  create(args: readonly string[]): void;
  remove(args: readonly string[]): void;
}

/** The root of the repository. */
export const root: string = fileURLToPath(new URL("../../../../../", import.meta.url));

/** Options of all kinds. */
export const common = { force: { type: "boolean", default: false } } as const;

/** Returns the names that come before the options. Throws a Refusal with the help if one is missing; with --help it returns none. */
export function namesIn(args: readonly string[], names: readonly string[], help: string) {
  if (args.includes("--help")) return { found: names.map(() => ""), rest: ["--help"] };
  const found = names.map((name, index) => {
    const given = args[index] ?? "";
    if (given === "" || given.startsWith("-")) throw new Refusal(`${name} is missing.\n\n${help}`);
    return given;
  });
  return { found, rest: args.slice(names.length) };
}

/** The written or removed files, and the command that undoes the change. */
interface Change {
  /** `reviews` or `orders CountVotes`, for messages. */
  readonly what: string;
  readonly texts: Texts;
  /** Files and folders that are removed. */
  readonly removed?: readonly string[];
  readonly force: boolean;
  /** How the tree gets back if a derived file cannot be written. */
  readonly undo: string;
}

/** Writes all texts, removes files, and writes derived files. Throws a Refusal in a tree with uncommitted changes. */
export function apply({ what, texts, removed = [], force, undo }: Change): void {
  if (!force) requireCleanTree(root);
  writeAll(root, texts);
  for (const path of removed) rmSync(join(root, path), { recursive: true, force: true });
  const done = removed.length > 0 ? `removed from ${texts.size} files` : `${texts.size} files written`;
  console.log(`${what}: ${done}. Derived files follow.`);
  writeDerived(
    root,
    [...texts.keys()].filter((path) => /\.(ts|mjs|json)$/.test(path)),
    undo,
  );
}
