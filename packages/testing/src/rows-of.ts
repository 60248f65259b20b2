/** A database or transaction that tests read. */
export interface Queryable {
  query(text: string, values?: readonly unknown[]): Promise<readonly object[]>;
}

/**
 * Returns the rows of a query that a test writes. Nothing compares `R` with the database, so that only tests may use it: services
 * define statements, whose types are generated.
 */
export async function rowsOf<R extends object>(
  sql: Queryable,
  text: string,
  values?: readonly unknown[],
): Promise<R[]> {
  return (await sql.query(text, values)) as R[];
}
