// Compares contracts with those that a change starts from. See docs/contracts/baselines.md.
import { baseOfContracts } from "./lib/base-of-contracts.ts";
import { ask, run } from "./lib/step.ts";

const BASELINES = "docs/contracts/baselines.md";
const WIRE = JSON.stringify({
  version: "v2",
  modules: [{ path: "proto" }],
  breaking: { use: ["WIRE"], ignore: ["proto/buf", "proto/google", "proto/grpc"] },
});

const found = baseOfContracts();
if (found.base === undefined) console.log(`skipped: ${found.reason}`);
else process.exitCode = nothingBreaks(found.base) ? 0 : 1;

/** Holds sources to FILE. From a base before a declared baseline to that baseline, the wire alone must stay as it was. */
function nothingBreaks(base: string): boolean {
  if (ask("git", "diff", "--quiet", base, "--", BASELINES) !== undefined) return isKept(base);
  console.log(`  ${BASELINES} declares a new baseline: the wire is compared with ${base.slice(0, 12)}.`);
  if (!isKept(base, "--config", WIRE)) return false;
  const isCommitted = ask("git", "diff", "--quiet", "HEAD", "--", BASELINES) !== undefined;
  const baseline = ask("git", "rev-list", "-1", `${base}..HEAD`, "--", BASELINES);
  return !isCommitted || !baseline || isKept(baseline);
}

function isKept(base: string, ...options: readonly string[]): boolean {
  return run("buf", "breaking", "--against", `.git#ref=${base}`, ...options);
}
