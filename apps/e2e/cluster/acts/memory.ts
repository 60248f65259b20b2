import { componentOf, type Meta } from "@kontor/cli";
import { type Act, until } from "../world.ts";

type Metrics = { items: (Meta & { containers: { usage: { memory: string } }[] })[] };

/** The memory of the pods after the first orders, by metrics-server. */
export const memory: Act = {
  name: "memory",
  about: "working set per pod",
  async run({ kube, namespace }) {
    const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
    const pods = (await kube.get<{ items: Meta[] }>("pods", "--field-selector", "status.phase=Running")).items.length;
    const read = async () => {
      const { items }: Metrics = JSON.parse(await kube.run(["get", "--raw", path]));
      // A pod that it has not measured twice does not count.
      return items.length >= pods && items.every(({ containers }) => mebibytes(containers) > 0) && items;
    };
    const items = await until("metrics of all pods", 90_000, read, 3_000).catch(() => undefined);
    if (!items) return { facts: {}, skipped: "there is no metrics-server" };
    const rows = items
      .filter(({ metadata }) => metadata.name !== "load")
      .map((one) => [`${componentOf(one)}, MiB`, mebibytes(one.containers)] as const);
    const sum = rows.reduce((total, [, size]) => total + size, 0);
    return { facts: { "all pods, MiB": sum, ...Object.fromEntries(rows) } };
  },
};

function mebibytes(containers: Metrics["items"][number]["containers"]): number {
  return Math.round(containers.reduce((sum, { usage }) => sum + Number.parseInt(usage.memory, 10), 0) / 1024);
}
