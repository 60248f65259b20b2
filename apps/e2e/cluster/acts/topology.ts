import { faultless, underLoad } from "../load.ts";
import { deploymentNames } from "../rollout.ts";
import { type Act, OURS, seconds, type World } from "../world.ts";

type Step = { readonly what: string; readonly set: readonly string[]; readonly deployments: readonly string[] };

const ONE = "global.topology.kind=one";
const MOVING_ALL = `global.topology.moving={${OURS.join(",")}}`;
const alone: Step = { what: "one", set: [ONE], deployments: ["shop"] };
const moving: Step = {
  what: "orders in both",
  set: [ONE, "global.topology.moving={orders}"],
  deployments: ["shop", "orders"],
};

/** Each path has a separate load, because its access token is valid for ten minutes. */
const paths: Readonly<Record<string, readonly Step[]>> = {
  "many to one": [{ what: "both", set: [ONE, MOVING_ALL], deployments: ["shop", ...OURS] }, alone],
  "orders out of the monolith and back": [
    moving,
    { what: "orders apart", set: [ONE, "global.topology.apart={orders}"], deployments: ["shop", "orders"] },
    moving,
    alone,
  ],
  "one to many": [
    { what: "both", set: [ONE, MOVING_ALL], deployments: ["shop", ...OURS] },
    { what: "many", set: [], deployments: OURS },
  ],
};

/** No request fails and no order is lost while services change the processes that they run in. */
export const topology: Act = {
  name: "topology",
  about: "from many to one, orders out of the monolith and back, and to many again, under load",
  async run(world) {
    const facts: Record<string, number> = {};
    const problems: string[] = [];
    for (const [path, steps] of Object.entries(paths)) {
      const { result, load } = await underLoad(world, () => walk(world, steps));
      const requests = { [`${path}, requests`]: load.sent, [`${path}, orders`]: load.orders };
      Object.assign(facts, requests, { [`${path}, s`]: result.tookSeconds });
      for (const problem of [...faultless(load), ...result.problems]) problems.push(`${path}: ${problem}`);
    }
    return { facts, problems };
  },
};

async function walk(world: World, steps: readonly Step[]) {
  const problems: string[] = [];
  const start = performance.now();
  for (const { what, set, deployments } of steps) {
    world.say(what);
    await world.helm.upgrade({ set });
    const found = (await deploymentNames(world)).sort().join();
    const expected = [...deployments].sort().join();
    if (found !== expected) problems.push(`${what}: the Deployments are ${found}, not ${expected}.`);
  }
  return { problems, tookSeconds: seconds(start) };
}
