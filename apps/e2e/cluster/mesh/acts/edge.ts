import type { Act, Outcome, World } from "../../world.ts";
import { canaryOf, shapeShop } from "../shop.ts";
import { countSplit, settled } from "../splits.ts";
import { whileLoaded } from "../while-loaded.ts";

/** A shop without a mesh, behind an existing Gateway. */
export const edgeBehind = (gateway: string): Act => {
  const [namespace, name] = gateway.split("/");
  const edge = [`edge.gateway.namespace=${namespace}`, `edge.gateway.name=${name}`];
  const values = (weight: number) => [...edge, ...canaryOf("gateway", weight)];
  async function shift(world: World): Promise<Outcome[]> {
    const outcomes = [await countSplit(world, { apps: ["gateway"], weight: 0, headers: { "kontor-variant": "next" } })];
    for (const weight of [10, 50, 100]) {
      await shapeShop(world, undefined, values(weight));
      outcomes.push(await countSplit(world, { apps: ["gateway"], weight }));
    }
    await shapeShop(world, undefined, values(0));
    await settled();
    await shapeShop(world, undefined, edge);
    await settled();
    return outcomes;
  }
  return {
    name: "edge",
    about:
      "without a mesh: a canary of the gateway by HTTPRoute, 90/10, 50/50, 0/100 and away again under load, and by header",
    async run(world) {
      await shapeShop(world, undefined, values(0));
      return whileLoaded(world, shift);
    },
  };
};
