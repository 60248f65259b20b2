import type { Pod } from "@kontor/cli";
import { imageOf, outOfMesh, podSecurity, restricted } from "../load.ts";
import { isReady } from "../rollout.ts";
import { until, type World } from "../world.ts";

export type Guest = {
  readonly name: string;
  /** In the mesh, as this account; out of it without one. */
  readonly account?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Its command; by default it waits. */
  readonly script?: string;
  /** By name, as Services look for them. */
  readonly ports?: Readonly<Record<string, number>>;
};

/** Starts a pod with Node next to the shop. */
export async function startGuest(world: World, guest: Guest): Promise<void> {
  const { name, account, labels = {}, script = "setInterval(() => {}, 1000)", ports = {} } = guest;
  const container = {
    name: "guest",
    image: imageOf(world, "gateway"),
    args: ["--input-type=module", "--eval", script],
    ports: Object.entries(ports).map(([of, containerPort]) => ({ name: of, containerPort })),
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
    securityContext: restricted,
  };
  const meshed = account ? {} : outOfMesh;
  const spec = {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    ...(account && { serviceAccountName: account }),
    containers: [container],
    ...podSecurity,
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name, labels: { ...labels, ...meshed } }, spec };
  const own = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "stranger" } };
  const items = account === "stranger" ? [own, pod] : [pod];
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await world.kube.run(["apply", "--server-side", "--filename", "-"], { input });
  await until(`the pod ${name}`, 90_000, async () => isReady(await world.kube.get<Pod>("pod", name)));
}

/** Runs a script in it. */
export const inGuest = ({ kube }: World, name: string, script: string, timeoutMs = 300_000): Promise<string> =>
  kube.node(name, "guest", script, timeoutMs);

export async function stopGuest({ kube }: World, name: string): Promise<void> {
  await kube.run(["delete", "pod", name, "--grace-period=1", "--ignore-not-found"]);
}
