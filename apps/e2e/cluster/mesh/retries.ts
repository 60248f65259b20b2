import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type CallGraph, retriesByEdge } from "../../../../scripts/check-retries/edges.ts";
import type { Manifest } from "../../../../scripts/check-retries/read.ts";
import { chart } from "../helm.ts";
import type { Outcome, World } from "../world.ts";

const graph: CallGraph = parse(readFileSync(`${chart}/files/call-graph.yaml`, "utf8"));

/** Whether no edge repeats calls in app and mesh: by the objects in the cluster, and the settings the mesh was installed with. */
export async function checkRetries({ kube }: World): Promise<Outcome> {
  const kinds = "deployments,services,virtualservices,grpcroutes,peerauthentications";
  const { items } = await kube.get<{ items: Manifest[] }>(kinds);
  const mesh = await kube.in("istio-system").get<Manifest>("configmap", "istio");
  const edges = retriesByEdge([...items, mesh], graph);
  const wrong = edges.filter(({ app, mesh, unsafe }) => (app && mesh > 0) || unsafe.length > 0);
  const by = `${edges.filter(({ mesh }) => mesh > 0).length} by the mesh, ${edges.filter(({ app }) => app).length} by apps`;
  return {
    facts: { "edges that repeat": `${edges.length}: ${by}, ${wrong.length} by both or wrongly` },
    problems: wrong.map(({ caller, callee }) => `${caller} → ${callee} is repeated twice, or should not be.`),
  };
}
