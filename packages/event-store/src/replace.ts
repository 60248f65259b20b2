import { isKontorError } from "@kontor/errors";
import type { Sql, Tx } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import type { Projection } from "./projection.ts";
import type { Shadow } from "./shadow.ts";

/** Pairs the indexes of a table and its copy, whose names PostgreSQL made up. */
const SAME_INDEXES = statement(
  "shadow.same-indexes",
  `WITH indexes AS (
  SELECT n.nspname AS schema, i.relname AS name,
    regexp_replace(pg_get_indexdef(i.oid), '^CREATE (UNIQUE )?INDEX .* USING ', '\\1') || x.indisprimary AS definition
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE t.relname = $3 AND n.nspname IN ($1, $2)
)
SELECT old.name AS was, new.name AS is
FROM indexes old JOIN indexes new ON new.definition = old.definition
WHERE old.schema = $2 AND new.schema = $1`,
  { prepared: false },
);

/** How the copies took the place of the tables. */
export type Replacement = "swap" | "merge";

/**
 * Gives the live tables the content of the copies, while writers are blocked. The tables are swapped, in constant time. If readers hold
 * them longer than the lock timeout, the rows that differ are rewritten instead, which does not block readers. Such readers may wait for
 * the lock that blocks writers.
 */
export async function replace<E>(tx: Tx, projection: Projection<E>, shadow: Shadow): Promise<Replacement> {
  const how = (await lockExclusively(tx, projection, shadow)) ? "swap" : "merge";
  for (const table of projection.tables) {
    if (how === "swap") await swap(tx, table, shadow);
    else await merge(tx, table, shadow);
  }
  await tx.query(`DROP SCHEMA "${shadow.schema}" CASCADE`);
  return how;
}

async function lockExclusively<E>(tx: Tx, { tables }: Projection<E>, { live }: Shadow): Promise<boolean> {
  await tx.query("SAVEPOINT unlocked");
  try {
    await tx.query(`LOCK TABLE ${tables.map((table) => `"${live}"."${table}"`).join(", ")} IN ACCESS EXCLUSIVE MODE`);
    return true;
  } catch (error) {
    if (!isKontorError(error, "LOCK_TIMEOUT")) throw error;
    await tx.query("ROLLBACK TO SAVEPOINT unlocked");
    return false;
  }
}

async function swap(sql: Sql, table: string, { schema, live }: Shadow): Promise<void> {
  const indexes = await sql.query(SAME_INDEXES, [schema, live, table]);
  await sql.query(`DROP TABLE "${live}"."${table}"`);
  await sql.query(`ALTER TABLE "${schema}"."${table}" SET SCHEMA "${live}"`);
  for (const { was, is } of indexes) {
    if (was !== is) await sql.query(`ALTER INDEX "${live}"."${is}" RENAME TO "${was}"`);
  }
}

async function merge(sql: Sql, table: string, { schema, live }: Shadow): Promise<void> {
  const [from, to] = [`"${schema}"."${table}"`, `"${live}"."${table}"`];
  await sql.query(`DELETE FROM ${to} t WHERE NOT EXISTS (SELECT FROM ${from} f WHERE f = t)`);
  await sql.query(
    `INSERT INTO ${to} OVERRIDING SYSTEM VALUE SELECT * FROM ${from} f WHERE NOT EXISTS (SELECT FROM ${to} t WHERE t = f)`,
  );
}
