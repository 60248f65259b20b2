import type { ClientBase } from "pg";
import { type Migration, MigrationError } from "./migration-folder.ts";
import { selectRows } from "./select-rows.ts";

/** One statement of a migration that only creates indexes. */
export interface IndexStatement {
  /** The name of the index, as it is written: quoted or not. */
  readonly name: string;
  /** Builds the index without blocking writes. Does nothing if it exists. */
  readonly sql: string;
}

const CREATE_INDEX =
  /^CREATE\s+(UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?("[^"]+"|\w+)\s+(ON\s[\s\S]+)$/i;
/** Building waits for the transactions that run. It blocks none of them, so it may wait long. */
const BUILD_TIMEOUT_MS = 600_000;

/**
 * Returns the statements of a migration that contains only CREATE INDEX, undefined for others. Such a migration runs outside of a
 * transaction, and each index is built CONCURRENTLY: a large table can be written meanwhile.
 *
 * @throws MigrationError if CONCURRENTLY is used next to other statements, which need a transaction
 */
export function indexStatements({ name, sql }: Pick<Migration, "name" | "sql">): readonly IndexStatement[] | undefined {
  const text = sql.replaceAll(/--[^\n]*/g, "");
  const statements = text
    .split(";")
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
  const indexes = statements.map((statement) => CREATE_INDEX.exec(statement));
  if (statements.length > 0 && indexes.every((match) => match !== null))
    return indexes.map(([, unique = "", index = "", rest = ""]) => ({
      name: index,
      sql: `CREATE ${unique.toUpperCase()}INDEX CONCURRENTLY IF NOT EXISTS ${index} ${rest}`,
    }));
  if (/\bCONCURRENTLY\b/i.test(text))
    throw new MigrationError(
      `Migration ${name} has CONCURRENTLY next to other statements. Give the indexes a migration of their own.`,
    );
  return undefined;
}

/** Builds the indexes one by one. Rebuilds those that an interrupted build left invalid. */
export async function buildIndexes(client: ClientBase, statements: readonly IndexStatement[]): Promise<void> {
  const [setting] = await selectRows(client, { before: "text" }, "SELECT current_setting('lock_timeout') AS before");
  await client.query(`SET lock_timeout = ${BUILD_TIMEOUT_MS}`);
  try {
    for (const { name, sql } of statements) {
      const invalid = "SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid";
      if ((await client.query(invalid, [name])).rowCount === 1) await client.query(`DROP INDEX CONCURRENTLY ${name}`);
      await client.query(sql);
    }
  } finally {
    await client.query("SELECT set_config('lock_timeout', $1, false)", [setting?.before]).catch(() => undefined);
  }
}
