// Writes all that is derived from something else.
import { run, runSteps } from "./lib/step.mjs";

runSteps([
  { title: "code from proto/", work: () => run("buf", "generate") },
  { title: "call graph from contracts and settings", work: () => run("node", "scripts/call-graph.mjs") },
  { title: "dashboards from scripts/dashboards", work: () => run("node", "scripts/dashboards.mjs") },
  { title: "reference from settings, metrics, errors and charts", work: () => run("node", "scripts/reference.mjs") },
]);
