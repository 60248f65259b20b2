import { faultless, underLoad } from "../load.ts";
import { tagsRunning } from "../rollout.ts";
import { type Act, seconds, TAGS, type World } from "../world.ts";

export const upgrade: Act = {
  name: "upgrade",
  about: "helm upgrade to other images under load",
  async run(world) {
    await world.helm.upgrade({ replicas: 2 });
    const { result, load } = await underLoad(world, () =>
      watched(world, () => world.helm.upgrade({ tag: TAGS.second, replicas: 2 })),
    );
    const problems = [...faultless(load), ...result.problems];
    const only = await tagsRunning(world);
    if (only.size !== 1 || !only.has(TAGS.second)) problems.push(`After the upgrade pods run ${[...only].join(", ")}.`);
    return { facts: result.facts, load, problems };
  },
};

/** Looks what runs side by side while `roll` rolls. */
export async function watched(world: World, roll: () => Promise<unknown>) {
  const start = performance.now();
  let both = 0;
  let rolling = true;
  const rolled = roll().finally(() => {
    rolling = false;
  });
  while (rolling) {
    if ((await tagsRunning(world)).size === 2) both += 1;
    await Promise.race([rolled, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }
  const problems = both === 0 ? ["Old and new pods were never seen together."] : [];
  return { facts: { "took, s": seconds(start), "looks that saw both versions": both }, problems };
}
