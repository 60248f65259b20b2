import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { baseConfig } from "./connection.ts";
import type { DatabaseAddress } from "./database-url.ts";
import { postgresErrors, translate, withCause } from "./errors.ts";
import { buildIndexes, indexStatements } from "./index-migration.ts";
import { type Migration, MigrationError, readMigrations } from "./migration-folder.ts";
import { type AppliedMigration, createHistory, pendingMigrations, readHistory } from "./migration-history.ts";
import { grantRunRole, missingGrants, type RunRole } from "./run-role.ts";
import { selectRows } from "./select-rows.ts";
import { requireOwnSession } from "./session-check.ts";

export { MigrationError };

/** Which migrations go where. The URL is of the role that owns the database. */
export interface MigrateOptions extends DatabaseAddress {
  /**
   * Folders in Prisma's layout, `<timestamp>_<name>/migration.sql`: the service's own, and those of the packages with tables in its
   * database. Their migrations are applied in one order, that of their names.
   */
  readonly folders: readonly (string | URL)[];
  /** The role that runs, which is granted its rights. Default: none, if the owner runs too. */
  readonly runAs?: RunRole | undefined;
  /** Receives an event for each applied migration. */
  readonly log: { info(fields: object, message: string): void };
}

/** The advisory lock that Prisma's own engine takes. */
const PRISMA_LOCK = 72_707_369;
/** How long to wait for another process that migrates, and how long between attempts. */
const TURN_TIMEOUT_MS = 60_000;
const TURN_POLL_MS = 100;
/** The time that a migration may queue for a table's lock, which delays all statements behind it. */
const TABLE_LOCK_TIMEOUT_MS = 5_000;

/**
 * Brings the schema up to date, each migration in one transaction together with its row in `_prisma_migrations`, and grants the
 * role that runs its rights. A migration that holds nothing but CREATE INDEX runs outside of a transaction: its indexes are built
 * CONCURRENTLY, so that writes continue. Many processes may call it at once; when there is nothing to do it takes no lock.
 *
 * ```ts
 * const { applied } = await migrate({
 *   url: "postgresql://orders@localhost/orders", // The owner.
 *   folders: [new URL("../prisma/migrations/", import.meta.url)],
 *   runAs: { role: "orders_run", history: ["events"] },
 *   log: { info: (fields, message) => console.log(message, fields) },
 * });
 * ```
 *
 * @throws MigrationError if a migration fails, or if an applied one was changed or is missing; RunRoleError if the role cannot
 * be granted its rights; KontorError UNAVAILABLE if the database cannot be reached, or (SCHEMA_OUTDATED) if the URL's role may
 * not migrate; KontorError FAILED_PRECONDITION (SESSIONS_SHARED) behind a pooler that shares sessions.
 */
export async function migrate(options: MigrateOptions): Promise<{ readonly applied: string[] }> {
  const { url, caFile, folders, runAs, log } = options;
  const migrations = await readMigrations(folders);
  const client = new pg.Client(baseConfig({ url, caFile, service: "migrate" }));
  // A broken connection also fails the waiting query.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await requireOwnSession(client, { url, caFile });
    const history = await readHistory(client);
    const pending = pendingMigrations(migrations, history);
    if (pending[0] !== undefined) await requireCreate(client, pending[0]);
    const grants = runAs && !isNewer(history, migrations) ? runAs : undefined;
    if (pending.length === 0 && (grants === undefined || (await missingGrants(client, grants)).length === 0)) {
      return { applied: [] };
    }
    await takeTurn(client);
    const applied = await applyPending(client, migrations, log);
    if (grants !== undefined) await grant(client, grants, log);
    return { applied };
  } catch (error) {
    throw withCause(translate(error));
  } finally {
    await client.end();
  }
}

async function requireCreate(client: pg.Client, { name }: Migration): Promise<void> {
  const [asked] = await selectRows(
    client,
    { role: "text", may: "boolean" },
    "SELECT current_user AS role, has_schema_privilege(current_schema(), 'CREATE') AS may",
  );
  if (asked && !asked.may) throw postgresErrors.SCHEMA_OUTDATED({ migration: name, role: asked.role });
}

/** Returns whether a newer version has migrated the database, which then declares the history tables. */
function isNewer(history: readonly AppliedMigration[], folder: readonly Migration[]): boolean {
  const newest = folder.at(-1)?.name ?? "";
  return history.some(({ name }) => name > newest);
}

/** Polls: a statement that waits for the lock would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for snapshots. */
async function takeTurn(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${TABLE_LOCK_TIMEOUT_MS}`);
  const deadline = performance.now() + TURN_TIMEOUT_MS;
  for (;;) {
    const [row] = await selectRows(client, { mine: "boolean" }, "SELECT pg_try_advisory_lock($1) AS mine", [
      PRISMA_LOCK,
    ]);
    if (row?.mine) return;
    if (performance.now() > deadline)
      throw new MigrationError(
        `Another process has migrated for ${TURN_TIMEOUT_MS / 1_000} s. Start again when it is done.`,
      );
    await delay(TURN_POLL_MS);
  }
}

async function applyPending(client: pg.Client, migrations: readonly Migration[], log: MigrateOptions["log"]) {
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

async function grant(client: pg.Client, runAs: RunRole, log: MigrateOptions["log"]): Promise<void> {
  await client.query("BEGIN");
  await grantRunRole(client, runAs);
  await client.query("COMMIT");
  log.info({ role: runAs.role, history: runAs.history }, "rights granted");
}

const RECORD = `
  INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
  VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`;

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  const { name, sql, checksum } = migration;
  const indexes = indexStatements(migration);
  try {
    if (indexes) await buildIndexes(client, indexes);
    await client.query("BEGIN");
    if (!indexes) await client.query(sql);
    await client.query(RECORD, [randomUUID(), checksum, name]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    const kept = indexes ? "failed; the next start builds the indexes that are missing" : "failed and was rolled back";
    throw new MigrationError(`Migration ${name} ${kept}: ${reason}`, { cause: error });
  }
}
