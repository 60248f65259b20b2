import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refusal } from "@kontor/config";
import { type Edit, UnknownPlace } from "./edit.ts";

/** Texts of files by their paths from the root. */
export type Texts = ReadonlyMap<string, string>;

/**
 * Returns the texts of all files that the edits change, in their order. Throws a Refusal that names every place that was not found; with
 * `skip` it leaves those unchanged.
 */
export function edited(root: string, edits: readonly Edit[], way: "add" | "remove", { skip = false } = {}): Texts {
  const texts = new Map<string, string>();
  const problems: string[] = [];
  for (const edit of edits)
    try {
      const before = texts.get(edit.file) ?? readFileSync(join(root, edit.file), "utf8");
      const after = edit[way](before);
      if (after !== before) texts.set(edit.file, after);
    } catch (error) {
      if (!(error instanceof UnknownPlace)) throw error;
      problems.push(error.message);
    }
  if (problems.length > 0 && !skip)
    throw new Refusal(
      `Nothing was changed, because these files are not as the command knows them:\n  ${problems.join("\n  ")}`,
    );
  return texts;
}

/** Writes all texts. If one cannot be written, the files are as before. */
export function writeAll(root: string, texts: Texts): void {
  const before = new Map([...texts.keys()].map((path) => [path, readIfThere(join(root, path))]));
  try {
    for (const [path, text] of texts) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  } catch (error) {
    for (const [path, text] of before)
      if (text === undefined) rmSync(join(root, path), { force: true });
      else writeFileSync(join(root, path), text);
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Throws a Refusal if the tree has uncommitted changes: they could not be distinguished from those of the command. */
export function requireCleanTree(root: string): void {
  const changes = git(root, "status", "--porcelain").trimEnd();
  if (changes === "") return;
  const shown = changes.split("\n").slice(0, 5).join("\n");
  throw new Refusal(`The tree has uncommitted changes. Commit or stash them first, or use --force:\n${shown}`);
}

/** Returns the tracked files that contain the pattern, an extended regular expression, sorted. */
export function filesWith(root: string, pattern: string): readonly string[] {
  return git(root, "grep", "-lE", pattern).split("\n").filter(Boolean); // Status 1: no file has it.
}

function git(root: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status === 0 || (status === 1 && args[0] === "grep")) return stdout;
  throw new Refusal(`This command needs git and a clone: ${error?.message ?? stderr.trim()}`);
}
