// Runs the fast tests with coverage and prints lines and branches per package, lowest first.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { run } from "./lib/step.ts";

const folder = mkdtempSync(join(tmpdir(), "kontor-coverage-"));
try {
  const options = ["--project", "fast*", "--coverage.enabled", `--coverage.reportsDirectory=${folder}`];
  const passed = run("node", "node_modules/vitest/vitest.mjs", "run", ...options, ...process.argv.slice(2));
  process.exitCode = passed ? 0 : 1;
  console.log(table(packages(JSON.parse(readFileSync(join(folder, "coverage-summary.json"), "utf8")))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Count = readonly [covered: number, total: number];
type Counts = Readonly<Record<"lines" | "branches", Count>>;

/** The summary of V8's coverage, by file. */
type Summary = Readonly<Record<string, Readonly<Record<"lines" | "branches", { covered: number; total: number }>>>>;

const NONE: Counts = { lines: [0, 0], branches: [0, 0] };

/** Returns the counts of each package: covered and total lines and branches. */
function packages(summary: Summary): ReadonlyMap<string, Counts> {
  const found = new Map<string, Counts>();
  for (const [file, { lines, branches }] of Object.entries(summary)) {
    if (file === "total") continue;
    const name = relative(process.cwd(), file).split(sep).slice(0, 2).join("/");
    const sum = found.get(name) ?? NONE;
    found.set(name, { lines: add(sum.lines, lines), branches: add(sum.branches, branches) });
  }
  return found;
}

const add = ([covered, total]: Count, more: { covered: number; total: number }): Count => [
  covered + more.covered,
  total + more.total,
];

function table(found: ReadonlyMap<string, Counts>): string {
  const share = ([covered, total]: Count) => (total === 0 ? 1 : covered / total);
  const percent = (counts: Count) => `${(100 * share(counts)).toFixed(1)} %`.padStart(9);
  const rows = [...found].sort(([, a], [, b]) => share(a.lines) - share(b.lines));
  return ["package".padEnd(32) + "lines".padStart(9) + "branches".padStart(10)]
    .concat(rows.map(([name, { lines, branches }]) => `${name.padEnd(32)}${percent(lines)} ${percent(branches)}`))
    .join("\n");
}
