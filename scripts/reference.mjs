// Writes the pages that are generated from the code: docs/reference, docs/errors, the READMEs and the schemas of the charts. With --check it only compares.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chartSchema } from "./reference/chart-schema.mjs";
import { chartPage, howToInstall } from "./reference/chart-values.mjs";
import { errorData, errorPages } from "./reference/errors.mjs";
import { metricsPage } from "./reference/metrics.mjs";
import { settingsPage } from "./reference/settings.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const pages = new Map([
  ["docs/reference/settings.md", await settingsPage()],
  ["docs/reference/metrics.md", await metricsPage()],
  ...errorPages().map(([page, text]) => [`docs/${page}`, text]),
  ["apps/gateway/src/gen/problem-pages.json", errorData()],
  ["charts/kontor/README.md", chartPage(join(root, "charts/kontor"), howToInstall)],
  ["charts/service/README.md", chartPage(join(root, "charts/service"))],
  ...["kontor", "service"].map((chart) => [`charts/${chart}/values.schema.json`, chartSchema(root, chart)]),
]);
const outdated = [...pages].filter(([page, text]) => read(page) !== text).map(([page]) => page);
const superfluous = existing().filter((page) => !pages.has(page));

if (process.argv.includes("--check")) {
  for (const page of outdated) console.error(`${page} is not what the code says.`);
  for (const page of superfluous) console.error(`${page} describes nothing that exists.`);
  const current = outdated.length + superfluous.length === 0;
  if (!current) console.error("`npm run docs:reference` brings them up to date.");
  process.exit(current ? 0 : 1);
}
for (const page of outdated) write(page, pages.get(page));
for (const page of superfluous) rmSync(join(root, page));
console.log(`${pages.size} pages, ${outdated.length} written, ${superfluous.length} removed.`);
process.exit();

function existing() {
  const of = (folder) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);
  return ["docs/reference", "docs/errors"].flatMap((folder) => of(folder).map((name) => `${folder}/${name}`));
}

function read(page) {
  return existsSync(join(root, page)) ? readFileSync(join(root, page), "utf8") : undefined;
}

function write(page, text) {
  mkdirSync(dirname(join(root, page)), { recursive: true });
  writeFileSync(join(root, page), text);
}
