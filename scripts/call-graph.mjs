// Writes charts/kontor/files/call-graph.yaml: who calls whom, from the contracts and the settings of each service.
// With --check it only compares.
import { readFileSync, writeFileSync } from "node:fs";
import { callGraph, write } from "./call-graph/derive.mjs";

const file = new URL("../charts/kontor/files/call-graph.yaml", import.meta.url);
const text = write(callGraph());

if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("charts/kontor/files/call-graph.yaml is not what the code says: `npm run generate`.");
  process.exitCode = 1;
}
process.exit();
