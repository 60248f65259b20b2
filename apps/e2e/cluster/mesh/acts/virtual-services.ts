import type { Act, Outcome, World } from "../../world.ts";
import { canaryOf, shapeShop } from "../shop.ts";
import { countSplit, settled } from "../splits.ts";
import { whileLoaded } from "../while-loaded.ts";

const header = { "kontor-variant": "next" };

/** With the values file in which the mesh repeats calls. */
export const virtualServices: Act = {
  name: "virtualservice",
  about: "a canary of orders by VirtualService: 90/10, 50/50, 0/100 and away again under load, and by header",
  async run(world) {
    await shapeShop(world, "istio/values", canaryOf("orders", 0));
    return whileLoaded(world, shift);
  },
};

async function shift(world: World): Promise<Outcome[]> {
  const outcomes = [await countSplit(world, { apps: ["orders"], weight: 0, headers: header })];
  for (const weight of [10, 50, 100, 0]) {
    await shapeShop(world, "istio/values", canaryOf("orders", weight));
    outcomes.push(await countSplit(world, { apps: ["orders"], weight }));
  }
  await shapeShop(world, "istio/values");
  await settled();
  return outcomes;
}
