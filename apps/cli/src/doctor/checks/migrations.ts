import { type AppliedMigration, readHistory } from "@kontor/postgres";
import pg from "pg";
import { doubtful, type Finding, messageOf, type Verdict, wrong } from "../finding.ts";

/** A migration as an app brings it: its folder's name and the SHA-256 of its SQL. */
export type Migration = { readonly name: string; readonly checksum: string };

export type Schema = {
  readonly service: string;
  readonly brings: readonly Migration[];
  readonly databaseUrl: string;
  /** How to bring it up to date. */
  readonly remedy: string;
};

/** Finds the differences between a database's migrations and those of its running service. */
export async function checkSchema({ service, brings, databaseUrl, remedy }: Schema): Promise<Finding[]> {
  const subject = `database of ${service}`;
  try {
    return compare(subject, brings, await history(databaseUrl), remedy);
  } catch (error) {
    return [
      wrong(subject, `It cannot be queried: ${messageOf(error)}`, "Is PostgreSQL up, and are role and password right?"),
    ];
  }
}

export function compare(
  subject: string,
  brings: readonly Migration[],
  applied: readonly AppliedMigration[],
  remedy: string,
): Finding[] {
  const known = new Map(applied.map((one) => [one.name, one]));
  const copies = new Map(applied.map((one) => [one.checksum, one])); // Services once copied the migrations of packages.
  const foundFor = ({ name, checksum }: Migration) => known.get(name) ?? copies.get(checksum);
  const newest = brings.at(-1)?.name ?? "";
  const beyond = applied.map(({ name }) => name).filter((name) => name > newest);
  const differences = brings.flatMap((migration) => difference(subject, migration, foundFor(migration), remedy));
  if (beyond.length === 0) return differences;
  const newer = doubtful(
    subject,
    `It has ${beyond.join(", ")}, which the running image does not bring: a newer one was here.`,
    "Nothing to do after a rollback; old code runs on the new schema. Otherwise install the newer image.",
  );
  return [...differences, newer];
}

function difference(
  subject: string,
  wanted: Migration,
  found: AppliedMigration | undefined,
  remedy: string,
): Finding[] {
  if (!found) return [wrong(subject, `Migration ${wanted.name} is not applied.`, remedy)];
  if (!found.finished) {
    const repair = `Repair the schema, then: prisma migrate resolve --applied ${wanted.name} (or --rolled-back)`;
    return [wrong(subject, `Migration ${wanted.name} failed halfway.`, repair)];
  }
  if (found.checksum === wanted.checksum) return [];
  const repair = "Restore the applied file, and put the change into a new migration.";
  return [wrong(subject, `Migration ${wanted.name} was changed after it was applied.`, repair)];
}

async function history(url: string): Promise<readonly AppliedMigration[]> {
  const client = new pg.Client({ connectionString: url, application_name: "doctor", connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined); // A broken connection also fails the query.
  try {
    await client.connect();
    return await readHistory(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function migrationsVerdict(brought: number, findings: readonly Finding[], databases: number): Verdict {
  return { seen: `${brought} migrations of ${databases} services compared with their databases`, findings };
}
