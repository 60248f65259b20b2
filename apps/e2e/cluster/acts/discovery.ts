import { faultless, underLoad } from "../load.ts";
import type { Act, LoadReport, World } from "../world.ts";
import { killEach } from "./kill.ts";
import { upAndDown } from "./scale.ts";

/** The act `scale` shows the way by DNS. One that the gateway calls and one that another service calls do here. */
const scaled = ["orders", "inventory"];

/** The other ways in which services find each other, each as `scale` and `kill` try the default one. */
export const discovery: Act = {
  name: "discovery",
  about: "EndpointSlices and cluster addresses instead of DNS, scaled and killed under load",
  async run(world) {
    const facts: Record<string, number | string> = {};
    const problems: string[] = [];
    await world.helm.upgrade({ replicas: 2, set: ["global.discovery=endpointslices"] });
    const slices = await underLoad(world, async () => {
      const times = await upAndDown(world, scaled);
      const killed = await killEach(world, [], ["gateway", ...scaled]);
      await withoutRights(world);
      return { ...times, "pods deleted": killed };
    });
    for (const [fact, value] of Object.entries(slices.result)) facts[`endpointslices: ${fact}`] = value;
    note("endpointslices", slices.load);

    await world.helm.upgrade({ replicas: 2, set: ["global.discovery=mesh"] });
    const mesh = await underLoad(world, () => killEach(world, [], scaled));
    note("mesh, without one", mesh.load);
    await world.helm.upgrade({ replicas: 2 });
    return { facts, problems };

    function note(mode: string, load: LoadReport): void {
      facts[`${mode}: sent`] = load.sent;
      facts[`${mode}: failed`] = load.failed;
      problems.push(...faultless(load).map((problem) => `${mode}: ${problem}`));
    }
  },
};

/**
 * Simulates an unreachable API server: the known endpoints must remain in use. A watch without events is opened again after half a minute.
 */
async function withoutRights(world: World): Promise<void> {
  const binding = await world.kube.get<object>("rolebinding", "kontor-discovery");
  world.say("taking away the right to watch for 40 s");
  await world.kube.run(["delete", "rolebinding", "kontor-discovery"]);
  await new Promise((resolve) => setTimeout(resolve, 40_000));
  await world.kube.run(["apply", "--filename", "-"], { input: JSON.stringify(withoutIdentity(binding)) });
}

function withoutIdentity(binding: object): object {
  const { metadata, ...rest } = binding as { readonly metadata: Record<string, unknown> };
  const { uid: _, resourceVersion: __, creationTimestamp: ___, managedFields: ____, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
