import type { ClientBase } from "pg";
import pg from "pg";
import { type Migration, MigrationError } from "./migration-folder.ts";
import { selectRows } from "./select-rows.ts";

/** A migration in the history of the database. */
export interface AppliedMigration {
  /** Name of its folder. */
  readonly name: string;
  /** SHA-256 of its file when it was applied, in hexadecimal digits. */
  readonly checksum: string;
  /** False if it began and did not end. */
  readonly finished: boolean;
}

/** Prisma's own table, without any difference, so that `prisma migrate deploy` remains usable. */
const CREATE_HISTORY = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id                  VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum            VARCHAR(64) NOT NULL,
  finished_at         TIMESTAMPTZ,
  migration_name      VARCHAR(255) NOT NULL,
  logs                TEXT,
  rolled_back_at      TIMESTAMPTZ,
  started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/** Makes the table unless it exists. */
export async function createHistory(client: ClientBase): Promise<void> {
  await client.query(CREATE_HISTORY);
}

/** Resolves to the applied migrations, without rolled-back ones; to none if the table does not exist or may not be read yet. */
export async function readHistory(client: ClientBase): Promise<readonly AppliedMigration[]> {
  try {
    return await selectRows(
      client,
      { name: "text", checksum: "text", finished: "boolean" },
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`,
    );
  } catch (error) {
    if (error instanceof pg.DatabaseError && (error.code === "42P01" || error.code === "42501")) return [];
    throw error;
  }
}

/**
 * Returns the migrations still to apply. One whose SQL was applied under another name counts as applied: services once copied
 * the migrations of packages. Migrations the database has beyond the newest known one are fine: a newer version of the service made
 * them, and old and new code run together.
 *
 * @throws MigrationError if an applied migration failed halfway, was changed, or is missing from the folders.
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  history: readonly AppliedMigration[],
): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const checksums = new Set(migrations.map(({ checksum }) => checksum));
  const newest = migrations.at(-1)?.name ?? "";
  for (const { name, checksum, finished } of history) {
    const migration = known.get(name);
    if (!finished) {
      throw new MigrationError(
        `Migration ${name} failed halfway. Repair the database, then use "prisma migrate resolve".`,
      );
    }
    if (!migration && name < newest && !checksums.has(checksum)) {
      throw new MigrationError(`Migration ${name} was applied but is missing from the folders. Restore it.`);
    }
    if (migration && migration.checksum !== checksum) {
      throw new MigrationError(`Migration ${name} was changed after it was applied. Restore it and add a new one.`);
    }
  }
  const applied = new Set(history.map(({ name }) => name));
  const copied = new Set(history.filter(({ name }) => !known.has(name)).map(({ checksum }) => checksum));
  return migrations.filter(({ name, checksum }) => !applied.has(name) && !copied.has(checksum));
}
