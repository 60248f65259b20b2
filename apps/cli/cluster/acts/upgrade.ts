import type { Pod } from "../../src/doctor/objects.ts";
import { faultless, underLoad } from "../load.ts";
import { podsOf, tagsRunning } from "../rollout.ts";
import { type Act, seconds, TAGS, type World } from "../world.ts";

export const upgrade: Act = {
  name: "upgrade",
  about: "helm upgrade under load, to images that migrate every table",
  async run(world) {
    await world.helm.upgrade({ replicas: 2 });
    const { result, load } = await underLoad(world, () =>
      watched(world, () => world.helm.upgrade({ tag: TAGS.second, replicas: 2 })),
    );
    const problems = [...faultless(load), ...result.problems];
    const only = await tagsRunning(world);
    if (only.size !== 1 || !only.has(TAGS.second)) problems.push(`After the upgrade pods run ${[...only].join(", ")}.`);
    const migrations = await migrationsApplied(world);
    if (migrations === 0) problems.push("No pod migrated anything: are the images of another version?");
    return { facts: { ...result.facts, "migrations applied": migrations }, load, problems };
  },
};

async function migrationsApplied(world: World): Promise<number> {
  const migrating = (await podsOf(world)).filter(({ spec }) =>
    spec.initContainers?.some(({ name }) => name === "migrate"),
  );
  // An attempt that migrated and then waited for its role has been followed by another.
  const ask = ({ metadata }: Pod) =>
    [[], ["--previous"]].map((which) =>
      world.kube.run(["logs", metadata.name, "--container", "migrate", ...which]).catch(() => ""),
    );
  const logs = await Promise.all(migrating.flatMap(ask));
  return logs.join("").split('"migration applied"').length - 1;
}

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
