import { componentOf, type Pod } from "@kontor/cli";
import { faultless, underLoad } from "../load.ts";
import { isReady, podsOf, rolledOut } from "../rollout.ts";
import { type Act, RELEASE, seconds, until, type World } from "../world.ts";

/** One that the gateway calls, one that another service calls, and the gateway itself. */
const scaled = ["orders", "inventory", "gateway"];

/** From 2 to 4 and back, under load: new pods get requests, and none is lost when they go. */
export const scale: Act = {
  name: "scale",
  about: `${scaled.join(", ")} from 2 to 4 and back`,
  async run(world) {
    await world.helm.upgrade({ replicas: 2 });
    const { result, load } = await underLoad(world, () => upAndDown(world));
    return { facts: result, load, problems: faultless(load) };
  },
};

/** Reports the time from the readiness of each new pod to its first request. */
export async function upAndDown(world: World, names = scaled): Promise<Record<string, number>> {
  const { kube, say } = world;
  const facts: Record<string, number> = {};
  for (const name of names) {
    const before = new Set((await pods(world, name)).map(({ metadata }) => metadata.name));
    say(`${name} to 4 pods`);
    const deployment = `deployment/${RELEASE}-${name}`;
    await kube.run(["scale", deployment, "--replicas=4"]);
    const fresh = await until(`4 pods of ${name}`, 120_000, async () => {
      const ready = (await pods(world, name)).filter(isReady);
      return ready.length === 4 && ready.filter(({ metadata }) => !before.has(metadata.name));
    });
    const start = performance.now();
    for (const pod of fresh) await until(`a request at ${pod.metadata.name}`, 60_000, () => served(world, pod));
    facts[`${name}: ready to first request, s`] = seconds(start);
    say(`${name} back to 2 pods`);
    await kube.run(["scale", deployment, "--replicas=2"]);
    await until(`2 pods of ${name}`, 120_000, async () => (await pods(world, name)).length === 2);
  }
  await rolledOut(world);
  return facts;
}

const pods = async (world: World, name: string) => (await podsOf(world)).filter((pod) => componentOf(pod) === name);

/** Whether it has served a request other than health checks. */
async function served({ kube }: World, pod: Pod): Promise<boolean> {
  const text = await kube.node(
    pod.metadata.name,
    componentOf(pod),
    'console.log(await (await fetch("http://127.0.0.1:9090/metrics")).text())',
  );
  const samples = text.matchAll(/^kontor_(?:rpc_server_requests|http_server_requests)_total\{(.*)\} (\S+)$/gm);
  return [...samples].some(([, labels = "", value]) => /shop\.|\/api\//.test(labels) && Number(value) > 0);
}
