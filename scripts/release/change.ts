// npm run change: adds a change file, or checks that a branch has one.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal, readFlags, runCommand } from "../../packages/config/src/index.ts";
import { type ChangeType, FOLDER, newChangeFile, readChanges } from "./change-files.ts";

const HELP = `Describes a change for the changelog.

  npm run change -- major "orders: the field price is Money"     clients or operators must adapt something
  npm run change -- minor "gateway: accept merge patches"        something new
  npm run change -- patch "saga: park a step that always fails"  a fault that is gone
  npm run change -- none "tests of paging"                       nothing changes for users
  npm run change -- --check origin/main                          fail if the branch changes what users run and has no change file`;

/** What users run: sources without tests, contracts, charts. */
const CONCERNS = /^(apps|packages)\/[^/]+\/(src|prisma|sql)\/(?!.*\.test\.ts$)|^proto\/|^charts\/(?!.*\/test\/)/;
const TYPES = ["major", "minor", "patch", "none"];
const root = process.cwd();

await runCommand(async () => {
  const args = process.argv.slice(2);
  const words = args[0]?.startsWith("--") ? [] : args.splice(0, 2);
  const flags = readFlags(args, { check: { type: "string" } }, HELP);
  if (!flags) return 0;
  if (flags.check !== undefined) return check(flags.check);
  const [type = "", summary = ""] = words;
  if (!TYPES.includes(type) || summary === "") throw new Refusal(HELP);
  const { file, text } = refusing(() =>
    newChangeFile(root, type === "none" ? undefined : (type as ChangeType), summary),
  );
  writeFileSync(join(root, file), text);
  console.log(`Written: ${file}`);
  return 0;
});

/** Returns 0 if no change file is missing since the branch left `base`, else 1. */
function check(base: string): number {
  refusing(() => readChanges(root));
  const range = `${base}...HEAD`;
  const changed = execFileSync("git", ["diff", "--name-only", range], { cwd: root, encoding: "utf8" }).split("\n");
  const added = execFileSync("git", ["diff", "--name-only", "--diff-filter=A", range, "--", FOLDER], {
    cwd: root,
    encoding: "utf8",
  });
  const concerning = changed.filter((file) => CONCERNS.test(file));
  if (concerning.length === 0 || added !== "" || changed.includes("CHANGELOG.md")) return 0;
  console.error(
    `No change file describes the change of ${concerning.length} files, such as ${concerning[0]}.\n\n${HELP}`,
  );
  return 1;
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Refusal(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
