// What CI checks, in one command. `npm run fix` mends the first ones.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, run, runSteps } from "./lib/step.mjs";

const generated = "packages/contracts/src/gen";

runSteps([
  { title: "generated code matches proto/", work: generatedIsCurrent },
  { title: "contracts: lint", work: () => run("buf", "lint") },
  { title: "contracts: nothing breaks", work: nothingBreaks },
  { title: "contracts: every RPC has its policy", work: () => run("node", "scripts/check-policies.mjs") },
  { title: "format, lint, import boundaries, cycles", work: () => run("biome", "ci", "--max-diagnostics=50") },
  { title: "types", work: () => run("tsc", "--project", ".") },
  { title: "tests", work: () => run("node", "node_modules/vitest/vitest.mjs", "run") },
]);

function generatedIsCurrent() {
  const fresh = mkdtempSync(join(tmpdir(), "kontor-generated-"));
  try {
    if (!run("buf", "generate", "--output", fresh)) return false;
    const same = run("git", "--no-pager", "diff", "--no-index", "--stat", generated, join(fresh, generated));
    if (!same) console.log("  `npm run generate` brings it up to date.");
    return same;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Compares with where this branch left main; on main itself, with the commit before. */
function nothingBreaks() {
  const main = ["main", "origin/main"].find((branch) => ask("git", "rev-parse", "--verify", branch));
  if (!main) return "there is no branch main to compare with";
  const changed = ask("git", "status", "--porcelain", "--", "proto") !== "";
  const fork = ask("git", "merge-base", "HEAD", main);
  const atFork = fork === ask("git", "rev-parse", "HEAD");
  const base = atFork && !changed ? ask("git", "rev-parse", "--verify", "--quiet", "HEAD~1") : fork;
  if (!base || ask("git", "cat-file", "-e", `${base}:buf.yaml`) === undefined) return "no earlier commit has contracts";
  return run("buf", "breaking", "--against", `.git#ref=${base}`);
}
