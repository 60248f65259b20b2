import type { Act, Outcome, World } from "../../world.ts";
import { checkRetries } from "../retries.ts";
import { canaryOf, shapeShop } from "../shop.ts";
import { countSplit, settled } from "../splits.ts";
import { whileLoaded } from "../while-loaded.ts";

const values = "istio/values-gatewayapi";
const header = { "kontor-variant": "next" };

/** By the values file that leaves repeating to the apps. */
export const gatewayApi: Act = {
  name: "gatewayapi",
  about:
    "canaries of orders by GRPCRoute and of the gateway by HTTPRoute: 90/10, 50/50, 0/100 and away again under load, and by header",
  async run(world) {
    await shapeShop(world, values, canaries(0));
    return whileLoaded(world, async () => [...(await shift(world)), await checkRetries(world)]);
  },
};

const apps = ["orders", "gateway"];
const canaries = (weight: number) => apps.flatMap((app) => canaryOf(app, weight));

async function shift(world: World): Promise<Outcome[]> {
  const outcomes = [await countSplit(world, { apps, weight: 0, headers: header })];
  for (const weight of [10, 50, 100]) {
    await shapeShop(world, values, canaries(weight));
    outcomes.push(await countSplit(world, { apps, weight }));
  }
  await shapeShop(world, values, canaries(0));
  await settled();
  await shapeShop(world, values);
  await settled();
  return outcomes;
}
