// Compares manifests with the call graph: no call may be repeated by the caller's app and by a mesh as well, and by a mesh only
// what the contract allows.
//   helm template kontor charts/kontor … | node scripts/check-retries.ts - k8s/istio/mesh.yaml
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { retryReport } from "./check-retries/edges.ts";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("Usage: node scripts/check-retries.ts <manifest>… (- is stdin)");
  process.exit(2);
}
const manifests = files.map((file) => readFileSync(file === "-" ? 0 : file, "utf8"));
const graph = parse(readFileSync(new URL("../charts/kontor/files/call-graph.yaml", import.meta.url), "utf8"));
const { lines, problems } = retryReport(manifests, graph);
for (const line of lines) console.log(line);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
