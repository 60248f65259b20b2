// Writes the typed client of the shop from its contracts and the catalogue of errors. --check compares it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { comments } from "../apps/shop/src/comments.ts";
import { registry } from "../apps/shop/src/registry.ts";
import { clientSource, reasonsIn, servedMethods } from "../packages/client-generator/src/index.ts";
import { jsonRules } from "../packages/policy/src/index.ts";

const file = fileURLToPath(new URL("../apps/shop/src/client/gen/client.ts", import.meta.url));
const catalogue = JSON.parse(
  readFileSync(new URL("../apps/gateway/src/gen/problem-pages.json", import.meta.url), "utf8"),
);
const source = clientSource({
  methods: servedMethods(registry, true),
  json: jsonRules,
  comments,
  policy: true,
  reasons: reasonsIn(catalogue),
  runtime: "@kontor/client",
});

if (!process.argv.includes("--check")) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
} else if (!existsSync(file) || readFileSync(file, "utf8") !== source) {
  throw new Error(`${file} is not the client of the contracts. Run npm run generate.`);
}
