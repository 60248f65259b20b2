import type { Autoscaler } from "@kontor/cli";
import { faultless, startLoad } from "../load.ts";
import { type Act, RELEASE, seconds, until, type World } from "../world.ts";

/** Few pods and short stabilisation, so that it scales up and down within minutes. Above what an idle gateway uses, below ten requests a second. */
const settings = [
  ...["enabled=true", "min=1", "max=3", "cpu=60", "scaleDownSeconds=15"].map((one) => `autoscaling.${one}`),
  "resources.cpu=50m",
];

export const autoscale: Act = {
  name: "autoscale",
  about: "the autoscaler adds a gateway under load, and takes it away",
  async run(world) {
    const { kube } = world;
    if ((await kube.run(["get", "--raw", "/apis"])).includes("metrics.k8s.io") === false)
      return { facts: {}, skipped: "there is no metrics-server" };
    // Helm 4 does not revert by force a number of pods that was scaled by hand, so the others remain unchanged.
    await world.helm.upgrade({ replicas: 2, set: settings.map((one) => `gateway.${one}`) });
    await until("one gateway without load", 180_000, async () => (await pods(world)) === 1, 2_000);
    const start = performance.now();
    const load = await startLoad(world, Math.max(world.options.rate, 10));
    await load.flowing();
    await until("a second gateway", 240_000, async () => (await pods(world)) >= 2, 2_000);
    const up = seconds(start);
    const most = await pods(world);
    const report = await load.stop();
    const calm = performance.now();
    await until("one gateway again", 300_000, async () => (await pods(world)) === 1, 2_000);
    const facts = { "load to a pod more, s": up, "pods at most": most, "calm to a pod less, s": seconds(calm) };
    return { facts, load: report, problems: faultless(report) };
  },
};

/** The pods that the autoscaler counts, once it has metrics. */
async function pods({ kube }: World): Promise<number> {
  const { status } = await kube.get<Autoscaler>("horizontalpodautoscaler", `${RELEASE}-gateway`);
  return status?.conditions?.some(({ type, status: is }) => type === "ScalingActive" && is === "True")
    ? (status?.currentReplicas ?? 0)
    : 0;
}
