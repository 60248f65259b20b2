import { readFileSync } from "node:fs";
import { type Autoscaler, componentOf, type Meta } from "@kontor/cli";
import { parse } from "yaml";
import { chart } from "../helm.ts";
import { faultless, startLoad } from "../load.ts";
import { upgradeTo } from "../rollout.ts";
import { type Act, OURS, until, type World } from "../world.ts";

/** One request of five is an order: 2.4 orders a second. */
const RATE = 12;
const MINUTES = 4;

type App = {
  readonly autoscaling?: { readonly [key: string]: unknown };
  readonly resources?: { readonly cpu?: string };
};

/** With one pod instead of two, which doubles the load of a pod and fits on a node of two cores. */
export const steady: Act = {
  name: "steady",
  about: `the autoscalers of values-production.yaml add no pod in ${MINUTES} minutes at ${RATE} requests a second`,
  async run(world) {
    if (!(await world.kube.run(["get", "--raw", "/apis"])).includes("metrics.k8s.io"))
      return { facts: {}, skipped: "there is no metrics-server" };
    const scaled = scaledApps();
    await upgradeTo(world, 1, Object.entries(scaled).flatMap(settingsOf));
    await until("one pod of each service", 300_000, async () => (await most(world)) === 1, 5_000);
    const load = await startLoad(world, RATE);
    await load.flowing();
    const pods: number[] = [];
    const used = new Map<string, number[]>();
    for (const end = performance.now() + MINUTES * 60_000; performance.now() < end; ) {
      pods.push(await most(world));
      for (const [name, cpu] of await cpuOf(world)) used.set(name, [...(used.get(name) ?? []), cpu]);
      await new Promise((resolve) => setTimeout(resolve, 15_000));
    }
    const report = await load.stop();
    const cpu = OURS.map((name) => [`${name}, mean CPU, m`, mean(used.get(name) ?? [])]);
    const facts = { "pods of a service at most": Math.max(...pods), ...Object.fromEntries(cpu) };
    const climbed = pods.some((count) => count > 1) ? ["An autoscaler added a pod under a steady load."] : [];
    return { facts, load: report, problems: [...faultless(report), ...climbed] };
  },
};

/** The apps that values-production.yaml scales. */
function scaledApps(): Record<string, App> {
  const values: Record<string, App> = parse(readFileSync(`${chart}/values-production.yaml`, "utf8"));
  return Object.fromEntries(Object.entries(values).filter(([, app]) => app?.autoscaling?.enabled));
}

/** The HPA also where the cluster knows ScaledObjects. */
function settingsOf([name, { autoscaling = {}, resources }]: [string, App]): string[] {
  const settings = { ...autoscaling, min: 1, keda: false };
  return [
    ...Object.entries(settings).map(([key, value]) => `${name}.autoscaling.${key}=${value}`),
    `${name}.resources.cpu=${resources?.cpu}`,
  ];
}

/** Returns the largest number of pods that an autoscaler has or wants; infinite before all have seen metrics. */
async function most({ kube }: World): Promise<number> {
  const { items } = await kube.get<{ items: Autoscaler[] }>("horizontalpodautoscalers");
  const counts = items.map(({ status }) => {
    const isActive = status?.conditions?.some(({ type, status: is }) => type === "ScalingActive" && is === "True");
    return isActive ? Math.max(status?.currentReplicas ?? 0, status?.desiredReplicas ?? 0) : Number.POSITIVE_INFINITY;
  });
  return Math.max(...counts);
}

type Metrics = { readonly items: (Meta & { readonly containers: { readonly usage: { readonly cpu: string } }[] })[] };

/** Returns the CPU that each pod uses, in thousandths of a core. */
async function cpuOf({ kube, namespace }: World): Promise<[string, number][]> {
  const { items }: Metrics = JSON.parse(
    await kube.run(["get", "--raw", `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`]),
  );
  return items.map((pod) => [
    componentOf(pod),
    pod.containers.reduce((sum, { usage }) => sum + millicores(usage.cpu), 0),
  ]);
}

function millicores(quantity: string): number {
  const [, number = "0", unit = ""] = /^(\d+)([num]?)$/.exec(quantity) ?? [];
  return Number(number) / { n: 1e6, u: 1e3, m: 1, "": 1e-3 }[unit as "n" | "u" | "m" | ""];
}

const mean = (values: readonly number[]): number =>
  Math.round(values.reduce((sum, one) => sum + one, 0) / values.length);
