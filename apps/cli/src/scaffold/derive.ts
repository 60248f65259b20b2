import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Refusal } from "@kontor/config";

/** Tests that compare the chart with golden files. */
const GOLDEN = ["charts", "mesh", "observability"].map((name) => `apps/e2e/test/charts/${name}.test.ts`);

/**
 * Writes the files that are derived from the list of services: lockfile, format, generated code, reference, golden files of the chart where
 * helm is in PATH. Throws a Refusal that names the step that failed.
 */
export function writeDerived(root: string, formatted: readonly string[], undo: string): void {
  const node = process.execPath;
  const run = join(root, "scripts/run.mjs");
  step("lockfile", "pnpm", ["install", "--lockfile-only", "--no-frozen-lockfile", "--prefer-offline"]);
  step("code, call graph, dashboards, reference", node, [run, "generate"]);
  step("format", join(root, "node_modules/.bin/biome"), ["check", "--write", "--no-errors-on-unmatched", ...formatted]);
  if (isInPath("helm"))
    step("golden files of the chart", node, [run, "test", ...GOLDEN, "-t", "golden file", "--update"]);
  else console.log("  golden files of the chart: skipped, for there is no helm in PATH. `npm run tools`, then");
  if (!isInPath("helm")) console.log(`  npm test -- ${GOLDEN.join(" ")} --update`);

  function step(title: string, program: string, args: readonly string[]): void {
    console.log(`  ${title} …`);
    const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
    if (status === 0) return;
    const output = error?.message ?? `${stdout}${stderr}`.trim().split("\n").slice(-40).join("\n");
    throw new Refusal(
      `${output}\n\nThis step failed: ${title}. The entries of the service are written. Repair the cause and run \`npm run generate\`, or ${undo}.`,
    );
  }
}

function isInPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
