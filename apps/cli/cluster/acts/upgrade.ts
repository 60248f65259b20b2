import { faultless, underLoad } from "../load.ts";
import { tagsRunning } from "../rollout.ts";
import { type Act, OURS, RELEASE, seconds, TAGS, type World } from "../world.ts";

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

/** Columns that the next version's migrations brought. Logs of init containers that were repeated are gone. */
async function migrationsApplied({ kube }: World): Promise<number> {
  const counted = OURS.filter((name) => name !== "gateway").map(async (database) => {
    const sql = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'rehearsal'";
    const psql = ["psql", "--username", "postgres", "--dbname", database, "--tuples-only", "--command", sql];
    return Number(await kube.run(["exec", `${RELEASE}-postgres-0`, "--container", "postgres", "--", ...psql]));
  });
  return (await Promise.all(counted)).reduce((sum, count) => sum + count, 0);
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
