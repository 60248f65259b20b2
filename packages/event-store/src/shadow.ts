import type { Sql } from "@kontor/postgres";
import type { Projection } from "./projection.ts";

/** Empty copies of a projection's tables in a schema of their own, where unqualified names find them first. */
export interface Shadow {
  readonly schema: string;
  readonly live: string;
}

/** Creates the copies, over the remains of an earlier attempt if there are any. */
export async function createShadow<E>(sql: Sql, { name, tables }: Projection<E>): Promise<Shadow> {
  const [current] = await sql.query<{ live: string }>("SELECT current_schema() AS live");
  if (current === undefined) throw new Error("The connection has no current schema.");
  const shadow = { schema: `shadow_${name}`, live: current.live };
  await sql.query(`DROP SCHEMA IF EXISTS "${shadow.schema}" CASCADE`);
  await sql.query(`CREATE SCHEMA "${shadow.schema}"`);
  for (const table of tables) {
    await sql.query(`CREATE TABLE "${shadow.schema}"."${table}" (LIKE "${shadow.live}"."${table}" INCLUDING ALL)`);
  }
  return shadow;
}

/** Makes unqualified names mean the copies until the transaction ends. */
export async function enter(sql: Sql, { schema, live }: Shadow): Promise<void> {
  await sql.query(`SET LOCAL search_path = "${schema}", "${live}"`);
}

/** Puts the copies in the place of the live tables, which are dropped. Names of indexes are kept. */
export async function swap<E>(sql: Sql, { tables }: Projection<E>, { schema, live }: Shadow): Promise<void> {
  for (const table of tables) {
    await sql.query(`LOCK TABLE "${live}"."${table}" IN ACCESS EXCLUSIVE MODE`);
  }
  for (const table of tables) {
    const indexes = await sql.query<{ was: string; is: string }>(sameIndexes, [schema, live, table]);
    await sql.query(`DROP TABLE "${live}"."${table}"`);
    await sql.query(`ALTER TABLE "${schema}"."${table}" SET SCHEMA "${live}"`);
    for (const { was, is } of indexes) {
      if (was !== is) await sql.query(`ALTER INDEX "${live}"."${is}" RENAME TO "${was}"`);
    }
  }
  await sql.query(`DROP SCHEMA "${schema}"`);
}

const sameIndexes = `
WITH indexes AS (
  SELECT n.nspname AS schema, i.relname AS name,
    regexp_replace(pg_get_indexdef(i.oid), '^CREATE (UNIQUE )?INDEX .* USING ', '\\1') || x.indisprimary AS definition
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE t.relname = $3 AND n.nspname IN ($1, $2)
)
SELECT old.name AS was, new.name AS is
FROM indexes old JOIN indexes new ON new.definition = old.definition
WHERE old.schema = $2 AND new.schema = $1`;
