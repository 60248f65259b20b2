// Runs the fast tests with coverage and prints lines and branches per package, lowest first.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { run } from "./lib/step.mjs";

const folder = mkdtempSync(join(tmpdir(), "kontor-coverage-"));
try {
  const options = ["--project", "fast*", "--coverage.enabled", `--coverage.reportsDirectory=${folder}`];
  const passed = run("node", "node_modules/vitest/vitest.mjs", "run", ...options, ...process.argv.slice(2));
  process.exitCode = passed ? 0 : 1;
  console.log(table(packages(JSON.parse(readFileSync(join(folder, "coverage-summary.json"), "utf8")))));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Returns the counts of each package: covered and total lines and branches. */
function packages(summary) {
  const found = new Map();
  for (const [file, { lines, branches }] of Object.entries(summary)) {
    if (file === "total") continue;
    const name = relative(process.cwd(), file).split(sep).slice(0, 2).join("/");
    const sum = found.get(name) ?? { lines: [0, 0], branches: [0, 0] };
    for (const [kind, { covered, total }] of Object.entries({ lines, branches })) {
      sum[kind][0] += covered;
      sum[kind][1] += total;
    }
    found.set(name, sum);
  }
  return found;
}

function table(found) {
  const share = ([covered, total]) => (total === 0 ? 1 : covered / total);
  const percent = (counts) => `${(100 * share(counts)).toFixed(1)} %`.padStart(9);
  const rows = [...found].sort(([, a], [, b]) => share(a.lines) - share(b.lines));
  return ["package".padEnd(32) + "lines".padStart(9) + "branches".padStart(10)]
    .concat(rows.map(([name, { lines, branches }]) => `${name.padEnd(32)}${percent(lines)} ${percent(branches)}`))
    .join("\n");
}
