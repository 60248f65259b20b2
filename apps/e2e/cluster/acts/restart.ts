import { lost, underLoad } from "../load.ts";
import { rolledOut, upgradeTo } from "../rollout.ts";
import { type Act, type LoadReport, seconds, type World } from "../world.ts";

/** All at once, which is harder than a node that is drained: each new pod starts while its callees are replaced. */
export const restart: Act = {
  name: "restart",
  about:
    "kubectl rollout restart of every Deployment and StatefulSet at once, with one pod of each service and with two",
  async run(world) {
    await upgradeTo(world, 1);
    const single = await underLoad(world, () => restartAll(world));
    await upgradeTo(world, 2);
    const { result, load } = await underLoad(world, () => restartAll(world));
    const facts = {
      "one pod each: took, s": single.result,
      "one pod each: sent": single.load.sent,
      "one pod each: failed": single.load.failed,
      "one pod each: orders": single.load.orders,
      "two pods each: took, s": result,
    };
    const problems = [
      ...unfulfilled(single.load).map((problem) => `one pod each: ${problem}`),
      ...unfulfilled(load).map((problem) => `two pods each: ${problem}`),
      ...(load.failed > 0
        ? [`two pods each: ${load.failed} of ${load.sent} requests failed: ${load.failures[0]}`]
        : []),
    ];
    return { facts, load, problems };
  },
};

/** Returns how long it took, in seconds. */
async function restartAll(world: World): Promise<number> {
  const start = performance.now();
  await world.kube.run(["rollout", "restart", "deployments,statefulsets"]);
  await rolledOut(world);
  return seconds(start);
}

/** Returns the load's orders that were refused, or accepted and not confirmed. */
function unfulfilled({ byKind, failures, orders, confirmed, unconfirmed }: LoadReport): string[] {
  const refused = byKind.order?.failed ?? 0;
  const first = failures.find((failure) => / order: /.test(failure));
  const problems = refused > 0 ? [`${refused} of ${refused + orders} orders failed: ${first}`] : [];
  return confirmed < orders ? [...problems, lost(orders - confirmed, orders, unconfirmed)] : problems;
}
