import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { translate } from "./errors.ts";
import { type Migration, readMigrations } from "./migration-folder.ts";
import { createHistory, MigrationError, pendingMigrations, readHistory } from "./migration-history.ts";

export { MigrationError };

/** Which migrations go where. */
export interface MigrateOptions {
  readonly url: string;
  /** Folder in Prisma's layout: `<timestamp>_<name>/migration.sql`. */
  readonly folder: string | URL;
  readonly log: { info(fields: object, message: string): void };
}

/** The advisory lock that Prisma's own engine takes. */
const PRISMA_LOCK = 72_707_369;
/** How long to wait for another process that migrates. */
const TURN_TIMEOUT_MS = 60_000;
/** How long a migration may queue for a table's lock, and hold up everyone behind it. */
const TABLE_LOCK_TIMEOUT_MS = 5_000;

/**
 * Brings the schema up to date, each migration in one transaction together with its row in `_prisma_migrations`. Many
 * processes may call it at once; when there is nothing to do it is one query and takes no lock.
 *
 * @throws MigrationError if a migration fails, or if an applied one was changed or is missing.
 */
export async function migrate({ url, folder, log }: MigrateOptions): Promise<{ readonly applied: string[] }> {
  const migrations = await readMigrations(folder instanceof URL ? fileURLToPath(folder) : folder);
  const client = new pg.Client({ connectionString: url, application_name: "migrate", connectionTimeoutMillis: 5_000 });
  // What breaks the connection also fails the query that waits for it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    if (pendingMigrations(migrations, await readHistory(client)).length === 0) return { applied: [] };
    return { applied: await applyPending(client, migrations, log) };
  } catch (error) {
    throw translate(error);
  } finally {
    await client.end();
  }
}

async function applyPending(client: pg.Client, migrations: readonly Migration[], log: MigrateOptions["log"]) {
  await client.query(`SET lock_timeout = ${TURN_TIMEOUT_MS}`);
  await client.query("SELECT pg_advisory_lock($1)", [PRISMA_LOCK]);
  await client.query(`SET lock_timeout = ${TABLE_LOCK_TIMEOUT_MS}`);
  await createHistory(client);
  const applied: string[] = [];
  for (const migration of pendingMigrations(migrations, await readHistory(client))) {
    const started = performance.now();
    await apply(client, migration);
    log.info({ migration: migration.name, durationMs: Math.round(performance.now() - started) }, "migration applied");
    applied.push(migration.name);
  }
  return applied;
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${name} failed and was rolled back: ${reason}`, { cause: error });
  }
}
