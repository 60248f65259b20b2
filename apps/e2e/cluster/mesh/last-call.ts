import { componentOf, type Pod } from "@kontor/cli";
import type { World } from "../world.ts";

/** Runs next to a service until it has received no call for ten seconds. Prints how many milliseconds ago the last call ended. */
const watch = `
const calls = async () => {
  const lines = (await (await fetch("http://127.0.0.1:9090/metrics")).text()).split("\\n");
  return lines.filter((line) => line.startsWith('kontor_rpc_server_requests_total{service="kontor.')).join();
};
let seen = await calls();
let last = performance.now();
while (performance.now() - last < 10_000) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const now = await calls();
  if (now !== seen) last = performance.now();
  seen = now;
}
console.log(performance.now() - last);`;

/** The seconds from the end of `change` to the end of the last call to these pods. Less than 0: before its end. */
export async function lastCallAfter({ kube }: World, pods: readonly Pod[], change: () => Promise<void>) {
  const lastCall = async (pod: Pod) => {
    const ago = Number(await kube.node(pod.metadata.name, componentOf(pod), watch, 180_000));
    return performance.now() - ago;
  };
  const [changed, ...calls] = await Promise.all([change().then(() => performance.now()), ...pods.map(lastCall)]);
  return Math.round((Math.max(...calls) - changed) / 100) / 10;
}
