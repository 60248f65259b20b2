import pg from "pg";

/**
 * Returns the plan that PostgreSQL uses for a prepared statement with any parameters, as after its fifth execution. Arrays then count as
 * ten elements. `url` is that of a database whose tables are filled and analysed.
 *
 * ```ts
 * const plan = await genericPlan("postgresql://localhost/orders", "SELECT FROM orders WHERE id = ANY ($1)");
 * ```
 */
export async function genericPlan(url: string, text: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SET plan_cache_mode = force_generic_plan");
    await client.query(`PREPARE planned AS ${text}`);
    const parameters = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
    const values = Array.from({ length: parameters }, () => "NULL").join(", ");
    const { rows } = await client.query(`EXPLAIN EXECUTE planned${parameters > 0 ? `(${values})` : ""}`);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  } finally {
    await client.end();
  }
}
