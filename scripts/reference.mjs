// Writes the pages that are generated from the code: docs/reference and docs/errors. With --check it only compares.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorPages } from "./reference/errors.mjs";
import { metricsPage } from "./reference/metrics.mjs";
import { settingsPage } from "./reference/settings.mjs";

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), "docs");

const pages = new Map([
  ["reference/settings.md", await settingsPage()],
  ["reference/metrics.md", await metricsPage()],
  ...(await errorPages()),
]);
const outdated = [...pages].filter(([page, text]) => read(page) !== text).map(([page]) => page);
const superfluous = existing().filter((page) => !pages.has(page));

if (process.argv.includes("--check")) {
  for (const page of outdated) console.error(`docs/${page} is not what the code says.`);
  for (const page of superfluous) console.error(`docs/${page} describes nothing that exists.`);
  const current = outdated.length + superfluous.length === 0;
  if (!current) console.error("`npm run docs:reference` brings them up to date.");
  process.exit(current ? 0 : 1);
}
for (const page of outdated) write(page, pages.get(page));
for (const page of superfluous) rmSync(join(docs, page));
console.log(`${pages.size} pages, ${outdated.length} written, ${superfluous.length} removed.`);
process.exit();

function existing() {
  const of = (folder) => (existsSync(join(docs, folder)) ? readdirSync(join(docs, folder)) : []);
  return ["reference", "errors"].flatMap((folder) => of(folder).map((name) => `${folder}/${name}`));
}

function read(page) {
  return existsSync(join(docs, page)) ? readFileSync(join(docs, page), "utf8") : undefined;
}

function write(page, text) {
  mkdirSync(dirname(join(docs, page)), { recursive: true });
  writeFileSync(join(docs, page), text);
}
