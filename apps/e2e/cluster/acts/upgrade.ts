import { serviceNames } from "@kontor/shop";
import { faultless, underLoad } from "../load.ts";
import { tagsRunning } from "../rollout.ts";
import { type Act, RELEASE, seconds, TAGS, type World } from "../world.ts";

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
    const { migrated, skipped } = await tables(world);
    if (skipped.length > 0) problems.push(`The next version's migrations skipped ${skipped.join(", ")}.`);
    return { facts: { ...result.facts, "tables migrated": migrated.length }, load, problems };
  },
};

/** A table and whether it has the column of the next version. The runner's own history is no table of a service. */
const COLUMNS = `SELECT relname, EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'rehearsal')
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p') AND nspname !~ '^(pg_|information_schema)' AND relname <> '_prisma_migrations'`;

/**
 * Returns the tables of all databases, those of packages included, by whether the next version's migrations changed them. Logs of repeated
 * init containers are lost, so the databases are read.
 */
async function tables({ kube }: World): Promise<{ migrated: readonly string[]; skipped: readonly string[] }> {
  const read = serviceNames.map(async (database) => {
    const psql = [
      "psql",
      "--username",
      "postgres",
      "--dbname",
      database,
      "--csv",
      "--tuples-only",
      "--command",
      COLUMNS,
    ];
    const rows = await kube.run(["exec", `${RELEASE}-postgres-0`, "--container", "postgres", "--", ...psql]);
    return rows
      .trim()
      .split("\n")
      .map((row) => `${database}.${row}`);
  });
  const all = (await Promise.all(read)).flat().map((row) => row.split(","));
  const names = (has: string) => all.filter(([, value]) => value === has).map(([name = ""]) => name);
  return { migrated: names("t"), skipped: names("f") };
}

/** Observes the versions that run at the same time while `roll` runs. */
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
  const problems = both === 0 ? ["Old and new pods were never observed together."] : [];
  return { facts: { "took, s": seconds(start), "observations of both versions": both }, problems };
}
