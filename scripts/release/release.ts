// npm run release: computes the version, shows what would change; with --write commits and tags it.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal, readFlags, runCommand } from "../../packages/config/src/index.ts";
import { planRelease, type ReleasePlan } from "./plan.ts";

const HELP = `Plans or makes a release of all packages, apps and charts under one version.

  npm run release                     show the version and the section of the changelog; nothing is written
  npm run release -- --write          write CHANGELOG.md, upgrade notes and versions, commit, and tag v<version>
  npm run release -- --version 1.0.0  use this version instead of the computed one
  npm run release -- --date DATE      use this date instead of today's in UTC, as 2026-11-30

Pushing the tag starts the workflow that builds images, chart and the page of the release.`;

const root = process.cwd();
const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

await runCommand(async () => {
  const options = { write: { type: "boolean" }, version: { type: "string" }, date: { type: "string" } } as const;
  const flags = readFlags(process.argv.slice(2), options, HELP);
  if (!flags) return 0;
  const date = flags.date ?? new Date().toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Refusal(`--date must be a date such as 2026-11-30, not "${date}".`);
  const plan = planned(date, flags.version);
  console.log(`${plan.current} → ${plan.version}: ${plan.written.size} files, ${plan.deleted.length} change files\n`);
  console.log(plan.section);
  if (flags.write) release(plan);
  else console.log("Nothing was written. `npm run release -- --write` commits and tags this.");
  return 0;
});

function planned(date: string, version: string | undefined): ReleasePlan {
  try {
    return planRelease(root, date, version);
  } catch (cause) {
    throw new Refusal(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function release({ version, written, deleted }: ReleasePlan): void {
  const tag = `v${version}`;
  if (git("status", "--porcelain") !== "") throw new Refusal("The tree has changes. Commit or stash them first.");
  if (git("tag", "--list", tag) !== "") throw new Refusal(`The tag ${tag} exists already. Choose another --version.`);
  for (const [path, text] of written) writeFileSync(join(root, path), text);
  for (const path of deleted) rmSync(join(root, path));
  git("add", "--all", "--", ...written.keys(), ...deleted);
  git("commit", "--quiet", "--message", `release: ${version}`);
  git("tag", "--annotate", tag, "--message", `Kontor ${version}`);
  console.log(`Committed and tagged ${tag}. Publish it: git push origin HEAD ${tag}`);
}
