import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gt, inc, major, valid } from "semver";
import { type Change, readChanges } from "./change-files.ts";
import { sectionOf, withSection } from "./changelog.ts";

/** What a release changes in the tree. Nothing is written yet. */
export interface ReleasePlan {
  readonly current: string;
  readonly version: string;
  /** The section of the changelog. */
  readonly section: string;
  /** The new text of each file that changes, by its path from the root. */
  readonly written: ReadonlyMap<string, string>;
  /** The change files, which the changelog replaces. */
  readonly deleted: readonly string[];
}

const UPGRADING = "docs/guides/upgrading.md";
const NEXT = /^## Next release\n\n([\s\S]*?)(?=^## |(?![\s\S]))/m;
const NOTHING = "Nothing so far.";

/**
 * Plans a release of everything under one version.
 *
 * @param given A version to use instead of the computed one, such as 1.0.0. It must be higher than the current one.
 * @throws Error if there is no change file, if one cannot be read, or if a file has not the form that the release expects.
 */
export function planRelease(root: string, date: string, given?: string): ReleasePlan {
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const { changes, files } = readChanges(root);
  const current = String(JSON.parse(read("package.json")).version);
  const version = given ?? nextVersion(current, changes);
  if (!valid(version) || !gt(version, current))
    throw new Error(`${version} is not a version above ${current}. Use three numbers, such as 1.0.0.`);
  const section = sectionOf(version, date, changes);
  const written = new Map<string, string>();
  const change = (path: string, by: (text: string) => string) => written.set(path, by(read(path)));

  change("CHANGELOG.md", (text) => withSection(text, section));
  change(UPGRADING, (text) => nameUpgradeNotes(text, version, date));
  for (const path of ["package.json", ...globSync("{apps,packages,examples}/*/package.json", { cwd: root }).sort()])
    change(path, (text) => replace(path, text, /^( {2}"version": )"[^"]*"/m, `$1"${version}"`));
  for (const path of globSync("charts/*/Chart.yaml", { cwd: root }).sort())
    change(path, (text) => replace(path, text, /^((?: {4})?version: ).*$/gm, `$1${version}`));
  change("charts/kontor/values-production.yaml", (text) =>
    replace("charts/kontor/values-production.yaml", text, /^( {4}tag: ).*$/m, `$1${version}`),
  );
  change("charts/kontor/test/golden/values-production.yaml", (text) => text.replaceAll(`:${current}"`, `:${version}"`));
  return { current, version, section, written, deleted: files };
}

/**
 * Returns the version after these changes: the highest of their types decides. Below 1.0.0 a breaking change raises the minor
 * number, as Semantic Versioning allows.
 *
 * @throws Error if there are no changes.
 */
export function nextVersion(current: string, changes: readonly Change[]): string {
  const [type] = (["major", "minor", "patch"] as const).filter((one) => changes.some((change) => change.type === one));
  if (!type) throw new Error("There is nothing to release: no change file names a version. See .changeset/README.md.");
  const next = inc(current, type === "major" && major(current) === 0 ? "minor" : type);
  if (!next) throw new Error(`package.json has the version "${current}", which is not one of Semantic Versioning.`);
  return next;
}

/** Gives the notes of the next release its name, and begins empty notes above them. */
function nameUpgradeNotes(text: string, version: string, date: string): string {
  const notes = NEXT.exec(text)?.[1]?.trim();
  if (notes === undefined) throw new Error(`${UPGRADING} has no section "## Next release".`);
  const done = notes === NOTHING || notes === "" ? "Nothing." : notes;
  return text
    .replace(NEXT, () => `## Next release\n\n${NOTHING}\n\n## ${version} (${date})\n\n${done}\n\n`)
    .trimEnd()
    .concat("\n");
}

function replace(path: string, text: string, line: RegExp, by: string): string {
  if (text.search(line) < 0) throw new Error(`${path} has no line ${line}.`);
  return text.replace(line, by);
}
