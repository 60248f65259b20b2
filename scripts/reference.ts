// Writes the pages that are generated from the code: docs/reference, docs/errors, the READMEs and the schemas of the charts. With --check it only compares.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chartSchema } from "./reference/chart-schema.ts";
import { chartPage, howToInstall } from "./reference/chart-values.ts";
import { errorData, errorPages } from "./reference/errors.ts";
import { metricsPage } from "./reference/metrics.ts";
import { settingsPage } from "./reference/settings.ts";

const root = join(import.meta.dirname, "..");

const pages = new Map<string, string>([
  ["docs/reference/settings.md", await settingsPage()],
  ["docs/reference/metrics.md", await metricsPage()],
  ...errorPages().map(([page, text]) => [`docs/${page}`, text] as const),
  ["apps/gateway/src/gen/problem-pages.json", errorData()],
  ["charts/kontor/README.md", chartPage(join(root, "charts/kontor"), howToInstall)],
  ["charts/service/README.md", chartPage(join(root, "charts/service"))],
  ...["kontor", "service"].map((chart) => [`charts/${chart}/values.schema.json`, chartSchema(root, chart)] as const),
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
for (const page of outdated) write(page, pages.get(page) ?? "");
for (const page of superfluous) rmSync(join(root, page));
console.log(`${pages.size} pages, ${outdated.length} written, ${superfluous.length} removed.`);
process.exit();

function existing(): readonly string[] {
  const of = (folder: string) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);
  return ["docs/reference", "docs/errors"].flatMap((folder) => of(folder).map((name) => `${folder}/${name}`));
}

function read(page: string): string | undefined {
  return existsSync(join(root, page)) ? readFileSync(join(root, page), "utf8") : undefined;
}

function write(page: string, text: string): void {
  mkdirSync(dirname(join(root, page)), { recursive: true });
  writeFileSync(join(root, page), text);
}
