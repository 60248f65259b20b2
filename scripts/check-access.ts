// Fails when contracts let in more than those of a commit did, unless docs/contracts/access-changes.md says so, line by line.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadContracts } from "../apps/gateway/src/contracts.ts";
import { loosenedAccess } from "../packages/policy/src/index.ts";
import { ask, run } from "./lib/step.ts";

const agreed = "docs/contracts/access-changes.md";

const [revision = "HEAD"] = process.argv.slice(2);
const base = ask("git", "rev-parse", "--verify", `${revision}^{commit}`); // buf knows neither short hashes nor HEAD~1.
if (!base) throw new Error(`There is no commit ${revision}.`);
const known = new Set(readFileSync(agreed, "utf8").split("\n"));
const folder = mkdtempSync(join(tmpdir(), "kontor-access-"));
try {
  const found = loosenedAccess(await contracts(`.git#ref=${base}`, "before"), await contracts(".", "after"));
  const unknown = found.filter((change) => !known.has(`- ${change}`));
  for (const change of unknown) console.error(change);
  if (unknown.length > 0)
    console.error(`Take it back, or list it in ${agreed}: "- " before the sentence, the reason below.`);
  process.exitCode = unknown.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function contracts(input: string, name: string): ReturnType<typeof loadContracts> {
  const file = join(folder, `${name}.binpb`);
  if (!run("buf", "build", input, "-o", file)) throw new Error(`buf could not build ${input}.`);
  return loadContracts(file);
}
