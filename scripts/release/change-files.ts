import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseChangesetFile } from "@changesets/parse";

/** What a change asks of users: to adapt something, to learn something new, or nothing. */
export type ChangeType = "major" | "minor" | "patch";

/** A change as its change file describes it. */
export interface Change {
  /** Path of the change file from the root. */
  readonly file: string;
  readonly type: ChangeType;
  /** `area: what changes`, in Markdown. */
  readonly summary: string;
}

/** The folder of change files. They have the format of Changesets, so that its tools and habits fit. */
export const FOLDER = ".changeset";

/** The one name that change files have: all packages, apps and charts share one version. */
export const NAME = "kontor";

const TYPES: readonly string[] = ["major", "minor", "patch"] satisfies ChangeType[];

/**
 * Reads all change files, sorted by their summaries. A file without a version says that nothing changes for users; it is not returned.
 *
 * @throws Error naming the file that cannot be used, and what is wrong with it.
 */
export function readChanges(root: string): { readonly changes: readonly Change[]; readonly files: readonly string[] } {
  const files = globSync(`${FOLDER}/*.md`, { cwd: root }).filter((file) => basename(file) !== "README.md");
  const changes = files.flatMap((file) => parseChange(file, readFileSync(join(root, file), "utf8")) ?? []);
  return { changes: changes.sort((a, b) => a.summary.localeCompare(b.summary, "en")), files: files.sort() };
}

/** Reads one change file; undefined if nothing changes for users. */
export function parseChange(file: string, text: string): Change | undefined {
  const { summary, releases } = parsed(file, text);
  if (summary === "") throw new Error(`${file} has no text. Write below the second line of dashes what changes.`);
  const [release, ...more] = releases;
  if (!release) return undefined;
  const isKnown = release.name === NAME && TYPES.includes(release.type) && more.length === 0;
  if (!isKnown) throw new Error(`${file} must name one version, such as "${NAME}: minor". Types: ${TYPES.join(", ")}.`);
  if (!/^[a-z][\w, /-]*: \S/.test(summary)) throw new Error(`${file} must begin with its area, such as "gateway: ".`);
  return { file, type: release.type as ChangeType, summary };
}

function parsed(file: string, text: string): ReturnType<typeof parseChangesetFile> {
  try {
    return parseChangesetFile(text);
  } catch (cause) {
    throw new Error(`${file} is no change file: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Returns the path and the text of a new change file. Its name is made of the summary's first words. */
export function newChangeFile(
  root: string,
  type: ChangeType | undefined,
  summary: string,
): { file: string; text: string } {
  const words = summary
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .split("-", 8)
    .filter(Boolean)
    .join("-");
  const free = (n: number): string => {
    const file = `${FOLDER}/${words}${n > 1 ? `-${n}` : ""}.md`;
    return existsSync(join(root, file)) ? free(n + 1) : file;
  };
  const file = free(1);
  const text = `---\n${type ? `${NAME}: ${type}\n` : ""}---\n\n${summary}\n`;
  parseChange(file, text);
  return { file, text };
}
