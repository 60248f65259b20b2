import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appsOf, rowsOf } from "./chart-values.ts";

type Properties = Record<string, Schema>;

/** A JSON schema, as far as it is read here. */
interface Schema {
  properties: Properties;
  definitions?: Record<string, Schema>;
  description?: string;
  $ref?: string;
}

const reference = ($ref: string): Schema => ({ $ref }) as Schema;

/**
 * Returns the schema of a chart's values, with what is derived in it: descriptions from the comments in values.yaml, what every workload
 * accepts (`definitions` and `global`) from charts/service/values.schema.json, and the apps from Chart.yaml. The rest is written by hand.
 */
export function chartSchema(root: string, chart: string): string {
  const folder = join(root, "charts", chart);
  const service = read(join(root, "charts/service"));
  const schema = read(folder);
  const definitions = service.definitions ?? {};
  schema.definitions = definitions;
  schema.properties.global = propertyOf(service, "global");
  if (chart !== "service") schema.properties = withApps(schema.properties, appsOf(folder));
  const workloads = chart === "service" ? [schema] : OWN_PODS.map((name) => propertyOf(schema, name));
  const podSettings = Object.keys(definitions.pod?.properties ?? {});
  for (const workload of [propertyOf(schema, "global"), ...workloads])
    for (const key of podSettings) workload.properties[key] = reference(`#/definitions/pod/properties/${key}`);
  for (const workload of workloads) workload.properties.resources = reference("#/definitions/resources");
  for (const { path, comment } of rowsOf(folder)) describe(schema, path, comment);
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const read = (folder: string): Schema => JSON.parse(readFileSync(join(folder, "values.schema.json"), "utf8"));

/** What runs pods of the umbrella chart's own. */
const OWN_PODS = ["postgres", "nats", "test", "seed"];

function propertyOf({ properties }: Schema, name: string): Schema {
  const found = properties[name];
  if (found === undefined) throw new Error(`The schema of the chart has no property "${name}".`);
  return found;
}

const APP = { description: "See ../service/values.schema.json, by which it is checked.", type: "object" };

/** Returns the properties with the apps of the chart, in its order, in place of those that the schema has. */
function withApps(properties: Properties, apps: readonly string[]): Properties {
  const isApp = ([name, { description }]: [string, Schema]) => apps.includes(name) || description === APP.description;
  const all = Object.entries(properties);
  const first = all.findIndex(isApp);
  const others = all.filter((entry) => !isApp(entry));
  const own = apps.map((name) => [name, { ...APP }] as const);
  return Object.fromEntries([...others.slice(0, first), ...own, ...others.slice(first)]) as Properties;
}

function describe(schema: Schema, path: readonly string[], comment: string): void {
  const node = path.reduce<Schema | undefined>((above, key) => above?.properties?.[key], schema);
  if (node && comment !== "" && !node.$ref) node.description = comment;
}
