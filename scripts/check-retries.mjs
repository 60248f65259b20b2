// Holds manifests against the call graph: no call may be repeated by the caller's app and by a mesh as well, and by a mesh only
// what the contract allows.
//   helm template kontor charts/kontor … | node scripts/check-retries.mjs - k8s/istio/mesh.yaml
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { retriesByEdge } from "./check-retries/edges.mjs";
import { objectsOf } from "./check-retries/read.mjs";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("Usage: node scripts/check-retries.mjs <manifest>… (- is stdin)");
  process.exit(2);
}
const objects = files.flatMap((file) => objectsOf(readFileSync(file === "-" ? 0 : file, "utf8")));
const graph = parse(readFileSync(new URL("../charts/kontor/files/call-graph.yaml", import.meta.url), "utf8"));
const edges = retriesByEdge(objects, graph);

for (const { caller, callee, app, mesh, unsafe } of edges) {
  const who = [app && "app", mesh > 0 && `mesh (${mesh}×)`].filter(Boolean).join(" AND ") || "none";
  console.log(`${caller} → ${callee}: ${who}${unsafe.map((path) => `; NOT REPEATABLE: ${path}`).join("")}`);
}
const wrong = edges.filter(({ app, mesh, unsafe }) => (app && mesh > 0) || unsafe.length > 0);
if (edges.length === 0) console.error("These manifests have no edge of the call graph.");
if (wrong.length > 0) console.error(`${wrong.length} of ${edges.length} edges are repeated twice, or should not be.`);
process.exitCode = edges.length === 0 || wrong.length > 0 ? 1 : 0;
