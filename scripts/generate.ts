// Writes all that is derived from something else.
import { run, runSteps } from "./lib/step.ts";

const templates = [
  "buf.gen.yaml",
  ...["apps/shop", "packages/sample", "examples/library"].map((path) => `${path}/buf.gen.yaml`),
];

runSteps([
  {
    title: "code from proto/",
    work: () => templates.every((template) => run("buf", "generate", "--template", template)),
  },
  { title: "registry of contracts", work: () => run("node", "scripts/contract-registry.ts") },
  {
    title: "comments of contracts for the API's description",
    work: () => run("node", "apps/shop/test/contract-comments.ts"),
  },
  {
    title: "types of SQL statements from schema.prisma and migrations",
    work: () => run("node", "scripts/statements.ts"),
  },
  { title: "golden bytes of events in new shapes", work: () => run("node", "apps/shop/test/golden-events.ts") },
  { title: "call graph from contracts and settings", work: () => run("node", "scripts/call-graph.ts") },
  { title: "lists of services from apps/shop/src/services.ts", work: () => run("node", "scripts/service-lists.ts") },
  { title: "dashboards from scripts/dashboards", work: () => run("node", "scripts/dashboards.ts") },
  { title: "reference from settings, metrics, errors and charts", work: () => run("node", "scripts/reference.ts") },
  { title: "client of the shop from its contracts", work: () => run("node", "scripts/shop-client.ts") },
  { title: "seed of the chart from apps/launcher", work: () => run("node", "scripts/seed-job.ts") },
]);
