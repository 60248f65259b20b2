import type { Sql } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import type { Projection } from "./projection.ts";

const SCHEMA = statement("shadow.schema", "SELECT current_schema()::text AS live", { prepared: false });

/** Empty copies of a projection's tables in a schema of their own, where unqualified names find them first. */
export interface Shadow {
  readonly schema: string;
  readonly live: string;
}

/** Creates the copies, over the remains of an earlier attempt if there are any. */
export async function createShadow<E>(sql: Sql, { name, tables }: Projection<E>): Promise<Shadow> {
  const [current] = await sql.query(SCHEMA);
  if (!current?.live) throw new Error("The connection has no current schema.");
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
