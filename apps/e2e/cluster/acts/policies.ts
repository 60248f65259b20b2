import { componentOf, type Pod } from "@kontor/cli";
import { inParallel } from "@kontor/launcher";
import { callerVerifiers, edges, portsOf, STRANGER } from "../call-graph.ts";
import { nodeIn, STRANGER_PORTS, startStranger, stopStranger } from "../inside.ts";
import { podsOf } from "../rollout.ts";
import type { Act, World } from "../world.ts";

type Target = { readonly to: string; readonly host: string; readonly port: number; readonly open: boolean };

/** From every pod to every port of every other one: open where the call graph has an edge, shut everywhere else. */
export const policies: Act = {
  name: "policies",
  about: "every connection that the call graph does not name is refused, every one that it names works",
  async run(world) {
    const stranger = await startStranger(world);
    const pods = await podsOf(world);
    const allowed = new Set(edges().map(({ from, to, port }) => `${from} ${to} ${port}`));
    const outside = await placesOutside(world, stranger);
    const verifiers = callerVerifiers();
    const problems: string[] = [];
    const counts = { open: 0, shut: 0 };
    await inParallel(2, [...pods, stranger], async (pod) => {
      const from = pod === stranger ? STRANGER : componentOf(pod);
      const others = pods.filter((other) => other !== pod).flatMap((other) => targets(from, other, allowed));
      const all = from === STRANGER ? others : [...others, ...outside(verifiers.includes(from))];
      const answers: boolean[] = JSON.parse(await nodeIn(world, pod, script(all)));
      for (const [index, { to, port, open }] of all.entries()) {
        counts[open ? "open" : "shut"] += 1;
        if (answers[index] !== open) problems.push(`${from} ${open ? "does not reach" : "reaches"} ${to}:${port}`);
      }
    });
    await stopStranger(world);
    const facts = {
      "pods that tried": pods.length + 1,
      "connections allowed": counts.open,
      "connections refused": counts.shut,
    };
    return { facts, problems: [...new Set(problems)] };
  },
};

function targets(from: string, pod: Pod, allowed: ReadonlySet<string>): Target[] {
  const to = componentOf(pod);
  const host = pod.status.podIP ?? "";
  return portsOf(to).map((port) => ({ to, host, port, open: allowed.has(`${from} ${to} ${port}`) }));
}

/** Only pods that verify callers may reach the API server, none a pod that is not of the shop, and all may reach DNS. */
async function placesOutside({ kube }: World, stranger: Pod): Promise<(readsKeys: boolean) => Target[]> {
  const api = await kube.in("default").get<{ spec: { clusterIP: string } }>("service", "kubernetes");
  const dns = await kube.in("kube-system").get<{ spec: { clusterIP: string } }>("service", "kube-dns");
  return (readsKeys) => [
    { to: "the API server", host: api.spec.clusterIP, port: 443, open: readsKeys },
    ...STRANGER_PORTS.map((port) => ({ to: "a stranger", host: stranger.status.podIP ?? "", port, open: false })),
    { to: "DNS", host: dns.spec.clusterIP, port: 53, open: true },
  ];
}

/** Prints for each target whether it accepted a connection. A refused one may respond at once or not at all. */
function script(targets: readonly Target[]): string {
  return `
    import net from "node:net";
    const targets = ${JSON.stringify(targets.map(({ host, port }) => [host, port]))};
    const reached = ([host, port]) => new Promise((resolve) => {
      const socket = net.connect({ host, port, timeout: 2500 }, () => resolve(true));
      socket.on("error", () => resolve(false)).on("timeout", () => resolve(false));
    });
    console.log(JSON.stringify(await Promise.all(targets.map(reached))));
    process.exit();`;
}
