import { fileURLToPath } from "node:url";
import { componentOf, INSTANCE, type Meta, messageOf, type Pod } from "@kontor/cli";
import { chart } from "../helm.ts";
import { faultless, startLoad, underLoad } from "../load.ts";
import { isOwn, removeNamespace } from "../namespace.ts";
import { makeSecrets, openServers, rolePasswords } from "../production/servers.ts";
import { NATS_PODS, streamsHealthy, streamsOf } from "../production/streams.ts";
import { isReady, podsOf, rolledOut } from "../rollout.ts";
import { type Act, type Outcome, RELEASE, seconds, TAGS, until, type World } from "../world.ts";
import { diagnose, findingsOf } from "./doctor.ts";

const overlay = fileURLToPath(new URL("../production/values.yaml", import.meta.url));

/** Plays last: it clears away the shop of the acts before it. */
export const production: Act = {
  name: "production",
  about: "values-production.yaml with a NATS cluster: its servers are deleted, one crashes, and a gateway is evicted",
  alone: true,
  async run(world) {
    const servers = serversWorld(world);
    await clear(world);
    if (await isOwn(servers)) await removeNamespace(servers);
    const passwords = rolePasswords();
    world.say(`starting servers in ${servers.namespace}`);
    const close = await openServers(servers, passwords);
    try {
      await makeSecrets(world, passwords, `postgres.${servers.namespace}.svc`);
      return await rehearse(world, servers);
    } finally {
      if (!world.options.keep) await close();
    }
  },
};

/** The namespace of the servers. The objects of an interrupted run are reused. */
export function serversWorld(world: World): World {
  const namespace = `${world.namespace}-servers`;
  return { ...world, options: { ...world.options, only: ["production"] }, namespace, kube: world.kube.in(namespace) };
}

async function rehearse(world: World, servers: World): Promise<Outcome> {
  const start = performance.now();
  await install(world, servers.namespace);
  const opening = await startLoad(world);
  await opening.flowing(300_000);
  const firstOrder = seconds(start);
  await rolledOut(world);
  const allReady = seconds(start);
  const opened = await opening.stop();
  await streamsHealthy(servers);

  const { load } = await underLoad(world, async () => {
    for (const pod of NATS_PODS) await deleteServer(servers, pod);
    await crashLeader(servers, "orders");
    await evictGateway(world);
  });
  const streams = await streamsHealthy(servers);
  const single = streams.filter(({ config }) => config.num_replicas !== 3);
  const { checks } = await diagnose(world);
  const count = async (kind: string) => (await world.kube.get<{ items: Meta[] }>(kind)).items.length;
  const facts = {
    "to the first order, s": firstOrder,
    "to all pods ready, s": allReady,
    "failed while pods were starting": opened.failed,
    "streams with 3 copies": streams.length - single.length,
    "NATS servers deleted": NATS_PODS.length,
    PodDisruptionBudgets: await count("poddisruptionbudgets"),
    autoscalers: await count("horizontalpodautoscalers"),
    "errors the doctor found": findingsOf(checks).length,
  };
  const problems = [
    ...faultless(opened),
    ...faultless(load),
    ...single.map(({ name, config }) => `The stream ${name} has ${config.num_replicas} copies.`),
    ...findingsOf(checks).map((text) => `The doctor found: ${text}`),
  ];
  return { facts, load, problems };
}

/** Removes the existing shop, and the objects that the chart keeps of it. */
async function clear({ helm, kube }: World): Promise<void> {
  if (await helm.installed()) await helm.run("uninstall", RELEASE, "--wait", "--timeout", "5m");
  // Pods first, including the one of helm test: they use the volumes.
  for (const kinds of ["pods", "secrets,persistentvolumeclaims"])
    await kube.run(["delete", kinds, "--selector", `${INSTANCE}=${RELEASE}`, "--timeout=60s"], { timeoutMs: 70_000 });
}

async function install({ helm, kube, options }: World, servers: string): Promise<void> {
  const peer = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": servers } } };
  const known = (await kube.run(["api-resources", "--output=name"])).includes("scaledobjects.keda.sh");
  const set = [
    `global.image.registry=${options.registry}`,
    `global.image.tag=${TAGS.first}`,
    `global.natsUrl=nats://nats.${servers}.svc:4222`,
    `keda.natsMonitoring=nats.${servers}.svc:8222`,
    ...["catalog", "orders", "notifications"].map((name) => `${name}.autoscaling.keda=${known}`),
  ];
  const peers = ["postgresTo", "natsTo"].map((name) => `networkPolicy.${name}=${JSON.stringify([peer])}`);
  const files = ["--values", `${chart}/values-production.yaml`, "--values", overlay];
  const more = [...set.flatMap((one) => ["--set", one]), ...peers.flatMap((one) => ["--set-json", one])];
  await helm.run("install", RELEASE, chart, ...files, ...more);
}

async function deleteServer(servers: World, pod: string): Promise<void> {
  servers.say(`deleting ${pod}`);
  await whole(servers, pod, () => servers.kube.run(["delete", "pod", pod, "--grace-period=1"]));
}

/** The server has no time to hand over its leadership. */
async function crashLeader(servers: World, stream: string): Promise<void> {
  const leader = (await streamsOf(servers)).find(({ name }) => name === stream)?.cluster?.leader;
  if (!leader) throw new Error(`The stream ${stream} has no leader.`);
  servers.say(`crashing ${leader}, which leads ${stream}`);
  const abort = "(sleep 1; kill -ABRT 1) >/dev/null 2>&1 &"; // Only after exec has ended.
  await whole(servers, leader, () => servers.kube.run(["exec", leader, "--", "sh", "-c", abort]));
}

/** Waits until there is another container, ready, and streams have all copies. */
async function whole(servers: World, pod: string, after: () => Promise<unknown>): Promise<void> {
  const { kube } = servers;
  const container = async () => (await kube.get<Pod>("pod", pod)).status.containerStatuses?.[0]?.containerID;
  const before = await container();
  await after();
  await until(
    `another ${pod}`,
    60_000,
    async () => ![undefined, before].includes(await container().catch(() => before)),
  );
  await kube.run(["wait", "pod", pod, "--for=condition=Ready", "--timeout=180s"], { timeoutMs: 190_000 });
  await streamsHealthy(servers);
}

/** Like `kubectl drain`: no sooner than the PodDisruptionBudget allows. */
async function evictGateway(world: World): Promise<void> {
  const gateways = async () => (await podsOf(world)).filter((pod) => componentOf(pod) === "gateway");
  const [victim] = (await gateways()).map(({ metadata }) => metadata.name);
  if (!victim) throw new Error("There is no gateway to evict.");
  world.say(`evicting ${victim}`);
  const path = `/api/v1/namespaces/${world.namespace}/pods/${victim}/eviction`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: victim } };
  const input = JSON.stringify(eviction);
  await until("an eviction that the PodDisruptionBudget allows", 60_000, async () => {
    return world.kube.run(["create", "--raw", path, "--filename", "-"], { input }).catch((error: unknown) => {
      if (/disruption budget/i.test(messageOf(error))) return false;
      throw error;
    });
  });
  await until("two other pods of the gateway", 120_000, async () => {
    const others = (await gateways()).filter((pod) => pod.metadata.name !== victim && isReady(pod));
    return others.length === 2;
  });
}
