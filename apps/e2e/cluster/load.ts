import { readFileSync } from "node:fs";
import { type LoadReport, RELEASE, TAGS, until, type World } from "./world.ts";

const script = readFileSync(new URL("load.mjs", import.meta.url), "utf8");
const MAX_SECONDS = 540; // An access token is good for ten minutes.

/** A customer in the cluster: a forwarded port would die with the pod it leads to. */
export type Load = {
  /** Resolves when its first order is confirmed. */
  flowing(timeoutMs?: number): Promise<void>;
  /** Ends it, waits for its orders, and returns its counts. */
  stop(): Promise<LoadReport>;
};

/** Starts it as a pod that no policy of the shop knows. */
export async function startLoad(world: World, rate = world.options.rate): Promise<Load> {
  const { kube } = world;
  await kube.run(["delete", "pod", "load", "--ignore-not-found", "--grace-period=1"]);
  await kube.run(["apply", "--server-side", "--force-conflicts", "--filename", "-"], { input: manifest(world, rate) });
  const logs = () => kube.run(["logs", "pod/load"]).catch(() => "");
  return {
    async flowing(timeoutMs = 120_000) {
      await until("the first order of the load", timeoutMs, async () => (await logs()).includes("FIRST_ORDER"));
    },
    async stop() {
      await kube.node("load", "load", "process.kill(1, 'SIGTERM')");
      const text = await until("the report of the load", 180_000, async () => {
        return /^REPORT (.*)$/m.exec(await logs())?.[1];
      });
      await kube.run(["delete", "pod", "load", "--grace-period=1"]);
      return JSON.parse(text);
    },
  };
}

/** Loads for as long as `work` takes. */
export async function underLoad<T>(world: World, work: () => Promise<T>): Promise<{ result: T; load: LoadReport }> {
  const load = await startLoad(world);
  await load.flowing();
  const result = await work();
  return { result, load: await load.stop() };
}

/** The problems of a load in an act in which nothing may fail. */
export function faultless({ sent, failed, failures, orders, confirmed, unconfirmed }: LoadReport): string[] {
  if (sent === 0 || orders === 0)
    return [`The load sent ${sent} requests and placed ${orders} orders: nothing was tried.`];
  const problems = failed > 0 ? [`${failed} of ${sent} requests failed: ${failures.slice(0, 5).join("; ")}`] : [];
  return confirmed < orders ? [...problems, lost(orders - confirmed, orders, unconfirmed)] : problems;
}

export function lost(count: number, orders: number, unconfirmed: readonly string[]): string {
  return `${count} of ${orders} orders were not confirmed: ${unconfirmed.slice(0, 5).join("; ")}`;
}

export function imageOf({ options }: World, app: string, tag = TAGS.first): string {
  return `${options.registry ? `${options.registry}/` : ""}kontor/${app}:${tag}`;
}

function manifest(world: World, rate: number): string {
  const env = Object.entries({
    GATEWAY: world.entrance ?? `http://${RELEASE}-gateway:8080`,
    STAFF_EMAIL: "staff@kontor.example",
    RATE: String(rate),
    MAX_SECONDS: String(MAX_SECONDS),
  }).map(([name, value]) => ({ name, value }));
  const password = { secretKeyRef: { name: `${RELEASE}-users`, key: "staffPassword" } };
  const container = {
    name: "load",
    image: imageOf(world, "gateway"),
    args: ["/load/load.mjs"],
    env: [...env, { name: "STAFF_PASSWORD", valueFrom: password }],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "192Mi" } },
    securityContext: restricted,
    volumeMounts: [{ name: "script", mountPath: "/load", readOnly: true }],
  };
  const volumes = [{ name: "script", configMap: { name: "load" } }];
  const spec = {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    containers: [container],
    volumes,
    ...podSecurity,
  };
  const items = [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "load" }, data: { "load.mjs": script } },
    { apiVersion: "v1", kind: "Pod", metadata: { name: "load", labels: outOfMesh }, spec },
  ];
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** A customer has no certificate of a mesh. */
export const outOfMesh = { "sidecar.istio.io/inject": "false" };

export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
export const podSecurity = {
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
};
