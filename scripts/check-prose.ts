// Fails when docs, comments, messages or names use a word that docs/vocabulary.yaml replaces, or break one of its rules.
//   node scripts/check-prose.ts [path …]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isChecked, lintText, parseVocabulary } from "../packages/prose/src/index.ts";

const VOCABULARY = "docs/vocabulary.yaml";
// Migrations never change once they are applied somewhere, those of packages included.
const FIXED = /(^|\/)migrations\/|\/prisma\/.*\/migration\.sql$/;
const GENERATED = /(^|\/)(gen|golden)\/|^docs\/(reference|errors)\/|^proto\/(google|grpc|buf)\/|pnpm-lock\.yaml$/;

const vocabulary = parseVocabulary(readFileSync(VOCABULARY, "utf8"));
const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "--", ...process.argv.slice(2)], {
  encoding: "utf8",
});
const files = listed.split("\n").filter((path) => isChecked(path) && existsSync(path));
const checked = files.filter((path) => !GENERATED.test(path) && !FIXED.test(path) && path !== VOCABULARY);

let count = 0;
for (const path of checked)
  for (const { line, column, message } of await lintText(path, readFileSync(path, "utf8"), vocabulary)) {
    console.error(`${path}:${line}:${column} ${message}`);
    count += 1;
  }
console.log(`${checked.length} files, ${count} problems.`);
process.exitCode = count === 0 ? 0 : 1;
