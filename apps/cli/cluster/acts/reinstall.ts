import { faultless, startLoad } from "../load.ts";
import { rolledOut } from "../rollout.ts";
import { type Act, RELEASE, seconds } from "../world.ts";

/** What uninstalling kept opens again: passwords fit the databases, and products are still there. */
export const reinstall: Act = {
  name: "reinstall",
  about: "helm install finds its Secrets and volumes again",
  async run(world) {
    const start = performance.now();
    await world.helm.install({});
    const load = await startLoad(world, 5);
    await load.flowing(300_000);
    const firstOrder = seconds(start);
    await rolledOut(world);
    const products = await world.kube.forward(`service/${RELEASE}-gateway`, 8080, async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/products/HELM-TEST`);
      return answer.status;
    });
    const report = await load.stop();
    await world.helm.run("uninstall", RELEASE, "--wait", "--timeout", "5m");
    const problems = products === 200 ? [] : [`The product of helm test is gone: ${products}.`];
    return {
      facts: { "to the first order, s": firstOrder },
      load: report,
      problems: [...faultless(report), ...problems],
    };
  },
};
