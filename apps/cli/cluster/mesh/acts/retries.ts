import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { retriesByEdge } from "../../../../../scripts/check-retries/edges.mjs";
import { chart } from "../../helm.ts";
import type { Act, World } from "../../world.ts";
import { shapeShop } from "../shop.ts";

const graph = parse(readFileSync(`${chart}/files/call-graph.yaml`, "utf8"));

/** Of the objects that are in the cluster, and of the settings that the mesh was installed with. */
export const retries: Act = {
  name: "retries",
  about: "in the cluster as it is, no edge of the graph repeats calls in app and mesh",
  async run(world) {
    const facts: Record<string, string> = {};
    const problems: string[] = [];
    for (const profile of ["istio/values", "istio/values-gatewayapi"]) {
      await shapeShop(world, profile);
      const edges = retriesByEdge(await objectsOf(world), graph);
      const wrong = edges.filter(({ app, mesh, unsafe }) => (app && mesh > 0) || unsafe.length > 0);
      facts[profile] = `${edges.length} edges, ${edges.filter(({ mesh }) => mesh > 0).length} repeated by the mesh`;
      problems.push(...wrong.map(({ caller, callee }) => `${profile}: ${caller} → ${callee} is repeated twice.`));
    }
    return { facts, problems };
  },
};

async function objectsOf({ kube }: World): Promise<unknown[]> {
  const kinds = "deployments,services,virtualservices,grpcroutes,peerauthentications";
  const { items } = await kube.get<{ items: unknown[] }>(kinds);
  return [...items, await kube.in("istio-system").get("configmap", "istio")];
}
