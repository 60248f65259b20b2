import { readFileSync } from "node:fs";
import { parse, parseAllDocuments } from "yaml";
import { chart, root } from "./helm.ts";

/** A rendered object; its content depends on its kind. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: a test says of each kind what it expects.
  readonly spec: any;
}

const parsed = new Map<string, readonly Manifest[]>();

/** Returns the objects of a rendered chart, parsed once. */
export function manifests(rendered: string): readonly Manifest[] {
  const known =
    parsed.get(rendered) ??
    parseAllDocuments(rendered).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
  parsed.set(rendered, known);
  return known;
}

/** The one object of a kind and name. */
export function named(all: readonly Manifest[], kind: string, name: string): Manifest {
  const [found, ...others] = all.filter((each) => each.kind === kind && each.metadata.name === name);
  if (!found || others.length > 0) throw new Error(`There is not one ${kind} ${name}.`);
  return found;
}

/** The options of Helm that install a trial shop in the mesh of a file of k8s. */
export const meshValues = (profile: string) => ["--values", `${root}/k8s/${profile}.yaml`];

const graph = parse(readFileSync(`${chart}/files/call-graph.yaml`, "utf8")) as {
  readonly calls: Readonly<Record<string, readonly string[]>>;
  readonly databases: readonly string[];
  readonly nats: readonly string[];
};

/** All edges of a shop with bundled servers: the file's, those to servers and simulators, and those of clients at the gateway. */
export const callGraph = {
  edges: [
    ...Object.entries(graph.calls).flatMap(([caller, callees]) => callees.map((callee) => [caller, callee])),
    ...graph.databases.map((service) => [service, "postgres"]),
    ...graph.nats.map((service) => [service, "nats"]),
    ...["psp-simulator", "carrier-simulator", "test"].map((caller) => [caller, "gateway"]),
    ["payments", "psp-simulator"],
    ["shipping", "carrier-simulator"],
    ["notifications", "mail-sink"],
  ].sort(),
};
