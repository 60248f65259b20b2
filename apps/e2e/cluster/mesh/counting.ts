import { readFileSync } from "node:fs";
import { componentOf } from "@kontor/cli";
import { podsOf } from "../rollout.ts";
import type { World } from "../world.ts";
import { inGuest } from "./pods.ts";

const script = readFileSync(new URL("count.mjs", import.meta.url), "utf8");

export const COUNTER = "counter";

/** The counts of one series of calls, for each app by the label `track` of the responding pods. */
export type Counted = {
  readonly sent: number;
  readonly failed: number;
  readonly failures: readonly string[];
  readonly byApp: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

export type Series = {
  readonly apps: readonly string[];
  readonly count: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Lists orders `count` times from a pod without a certificate, and counts the responding pods by the services' metrics. At orders, only
 * these calls are counted.
 */
export async function countCalls(world: World, { apps, count, headers = {} }: Series): Promise<Counted> {
  const given = {
    GATEWAY: world.entrance,
    COUNT: count,
    HEADERS: headers,
  };
  const constants = Object.entries(given).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  const before = await answersOf(world, apps);
  const said = JSON.parse(await inGuest(world, COUNTER, `${constants.join("\n")}\n${script}`));
  const after = await answersOf(world, apps);
  const byApp: Record<string, Record<string, number>> = {};
  for (const [pod, { app, track, calls }] of after) {
    byApp[app] ??= {};
    byApp[app][track] = (byApp[app][track] ?? 0) + calls - (before.get(pod)?.calls ?? 0);
  }
  return { ...said, byApp };
}

async function answersOf(world: World, apps: readonly string[]) {
  return new Map((await Promise.all(apps.map((app) => answeredBy(world, app)))).flat());
}

/** How often each pod of an app has listed orders. */
async function answeredBy(world: World, app: string) {
  const pods = (await podsOf(world)).filter(
    (pod) => componentOf(pod) === app && pod.spec.containers.some(({ name }) => name === app),
  );
  const atEdge = ["kontor_http_server_requests_total{", 'route="/api/v1/users/{user_id}/orders"'];
  const inside = ["kontor_rpc_server_requests_total{", 'method="ListOrders"'];
  const wanted = app === "gateway" ? atEdge : inside;
  return Promise.all(
    pods.map(async ({ metadata: { name, labels } }) => {
      const ask = 'console.log(await (await fetch("http://127.0.0.1:9090/metrics")).text())';
      const text = await world.kube.node(name, app, ask);
      const lines = text.split("\n").filter((line) => wanted.every((part) => line.includes(part)));
      const calls = lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
      return [name, { app, track: labels?.track ?? "", calls }] as const;
    }),
  );
}
