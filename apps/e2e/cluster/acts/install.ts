import { faultless, startLoad } from "../load.ts";
import { rolledOut } from "../rollout.ts";
import { type Act, seconds } from "../world.ts";

/** From nothing to the first order, and a few dozen more through the gateway's Service. */
export const install: Act = {
  name: "install",
  about: "helm install into the empty namespace, and the first orders",
  essential: true,
  async run(world) {
    const start = performance.now();
    await world.helm.install({});
    const helmSeconds = seconds(start);
    world.say("waiting for the first order");
    const load = await startLoad(world, 10);
    await load.flowing(300_000);
    const firstOrder = seconds(start);
    await rolledOut(world);
    const allReady = seconds(start);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const report = await load.stop();
    const facts = {
      "helm install, s": helmSeconds,
      "to the first order, s": firstOrder,
      "to all pods ready, s": allReady,
    };
    return { facts, load: report, problems: faultless(report) };
  },
};
