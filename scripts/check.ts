// What CI checks, in one command. `npm run fix` repairs the first ones.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseOfContracts } from "./lib/base-of-contracts.ts";
import { run, runSteps } from "./lib/step.ts";

const vitest = "node_modules/vitest/vitest.mjs";
const generated = [
  { folder: "packages/contracts/src/gen", template: "buf.gen.yaml" },
  { folder: "apps/shop/src/gen", template: "apps/shop/buf.gen.yaml" },
  { folder: "packages/sample/src/gen", template: "packages/sample/buf.gen.yaml" },
  { folder: "examples/library/src/gen", template: "examples/library/buf.gen.yaml" },
];

runSteps([
  { title: "generated code matches proto/", work: generatedIsCurrent },
  {
    title: "registry of contracts lists the files of proto/",
    work: () => run("node", "scripts/contract-registry.ts", "--check"),
  },
  {
    title: "comments of contracts are those of proto/",
    work: () => run("node", "apps/shop/test/contract-comments.ts", "--check"),
  },
  { title: "contracts: lint", work: () => run("buf", "lint") },
  { title: "contracts: nothing breaks", work: () => run("node", "scripts/check-breaking.ts") },
  { title: "contracts: every RPC has its policy", work: () => run("node", "scripts/check-policies.ts") },
  { title: "contracts: nothing lets in more than before", work: nothingLoosens },
  { title: "SQL statements fit the migrated databases", work: () => run("node", "scripts/statements.ts", "--check") },
  { title: "lists of services are those of apps/shop", work: () => run("node", "scripts/service-lists.ts", "--check") },
  {
    title: "client of the shop is that of its contracts",
    work: () => run("node", "scripts/shop-client.ts", "--check"),
  },
  { title: "format, lint, import boundaries, cycles", work: () => run("biome", "ci", "--max-diagnostics=50") },
  { title: "language of docs, comments, messages and names", work: () => run("node", "scripts/check-prose.ts") },
  { title: "no code is a copy of other code", work: () => run("node", "scripts/check-copies.ts") },
  { title: "types", work: () => run("tsc", "--project", ".") },
  { title: "examples in READMEs and doc comments compile", work: () => run("node", "scripts/check-examples.ts") },
  { title: "programs that tests of charts need", work: () => run("node", "scripts/tools.ts") },
  { title: "tests", work: () => run("node", vitest, "run", "--project", "fast*") },
  { title: "tests of the whole shop", work: () => run("node", vitest, "run", "--project", "e2e") },
]);

function generatedIsCurrent(): boolean {
  const fresh = mkdtempSync(join(tmpdir(), "kontor-generated-"));
  try {
    const same = generated.every(
      ({ folder, template }) =>
        run("buf", "generate", "--template", template, "--output", fresh) &&
        run("git", "--no-pager", "diff", "--no-index", "--stat", folder, join(fresh, folder)),
    );
    if (!same) console.log("  `npm run generate` brings it up to date.");
    return same;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function nothingLoosens(): boolean | string {
  const found = baseOfContracts();
  return found.base === undefined ? found.reason : run("node", "scripts/check-access.ts", found.base);
}
