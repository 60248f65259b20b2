import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appsOf, rowsOf } from "./chart-values.mjs";

/**
 * The schema of a chart's values, with what is derived in it: descriptions from the comments in values.yaml, and what every workload
 * accepts (`definitions` and `global`) from charts/service/values.schema.json. The rest is written by hand.
 */
export function chartSchema(root, chart) {
  const service = read(join(root, "charts/service"));
  const schema = read(join(root, "charts", chart));
  schema.definitions = service.definitions;
  schema.properties.global = service.properties.global;
  if (chart !== "service") schema.properties = withApps(schema.properties, appsOf(join(root, "charts", chart)));
  const workloads = chart === "service" ? [schema] : workloadsOf(schema);
  for (const workload of [schema.properties.global, ...workloads]) acceptPodSettings(workload, schema.definitions);
  for (const workload of workloads) workload.properties.resources = { $ref: "#/definitions/resources" };
  for (const { path, comment } of rowsOf(join(root, "charts", chart))) describe(schema, path, comment);
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const read = (folder) => JSON.parse(readFileSync(join(folder, "values.schema.json"), "utf8"));

const APP = { description: "See ../service/values.schema.json, by which it is checked.", type: "object" };

/** The apps of the chart, in its order, in place of those that the schema has. */
function withApps(properties, apps) {
  const isApp = ({ description }) => description === APP.description;
  const [before, after] = [[], []];
  let found = false;
  for (const [name, property] of Object.entries(properties)) {
    found ||= isApp(property);
    if (!isApp(property)) (found ? after : before).push([name, property]);
  }
  return Object.fromEntries([...before, ...apps.map((name) => [name, { ...APP }]), ...after]);
}

/** What runs pods of the umbrella chart's own. */
const workloadsOf = ({ properties: { postgres, nats, test, seed } }) => [postgres, nats, test, seed];

function acceptPodSettings(workload, { pod }) {
  for (const key of Object.keys(pod.properties))
    workload.properties[key] = { $ref: `#/definitions/pod/properties/${key}` };
}

function describe(schema, path, comment) {
  const node = path.reduce((above, key) => above?.properties?.[key], schema);
  if (node && comment !== "" && !node.$ref) node.description = comment;
}
