import { faultless, startLoad } from "../load.ts";
import { rolledOut } from "../rollout.ts";
import { type Act, RELEASE, seconds, until, type World } from "../world.ts";

/** Reinstalls over the kept objects: passwords match the databases, and the products still exist. */
export const reinstall: Act = {
  name: "reinstall",
  about: "helm install finds its Secrets and volumes again",
  async run(world) {
    const start = performance.now();
    await world.helm.install({});
    await rolledOut(world);
    const found = await productOfLoads(world);
    const load = await startLoad(world, 5);
    await load.flowing(300_000);
    const facts = { "to the first order, s": seconds(start) };
    const report = await load.stop();
    await world.helm.run("uninstall", RELEASE, "--wait", "--timeout", "5m");
    const problems = found === 200 ? [] : [`The product that loads bought before is missing: ${found}.`];
    return { facts, load: report, problems: [...faultless(report), ...problems] };
  },
};

/** Returns the gateway's status before any load could create the product again. */
async function productOfLoads({ kube }: World): Promise<number> {
  return kube.forward(`service/${RELEASE}-gateway`, 8080, async (port) => {
    const ask = () => fetch(`http://127.0.0.1:${port}/api/v1/products/E2E`);
    return until("a response with the product", 60_000, async () => {
      const { status } = await ask();
      return status < 500 && status;
    });
  });
}
