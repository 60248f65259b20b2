/** The conditions of a statement whose filters are optional, and its parameters. */
export interface Conditions {
  /** The values of all parameters so far, in order. */
  readonly values: readonly unknown[];
  /** Adds a condition, unless the value is undefined. `sql` gets the placeholder of the value. */
  where<T>(value: T | undefined, sql: (placeholder: string) => string): void;
  /** Adds a condition. */
  and(sql: string): void;
  /** Returns the placeholder of a value that stands outside of the conditions. */
  parameter(value: unknown): string;
  /** Returns the conditions, all of which must hold; `true` if there are none. */
  toString(): string;
}

/**
 * Collects the conditions that a request has, so that the planner sees these alone: `$1 IS NULL OR …` hides indexes from it.
 *
 * ```ts
 * function listOrders(db: Sql, status?: string) {
 *   const filter = conditions();
 *   filter.where(status, (value) => `status = ${value}`);
 *   const limit = filter.parameter(20);
 *   return db.query(`SELECT id FROM orders WHERE ${filter} ORDER BY id LIMIT ${limit}`, filter.values);
 * }
 * ```
 */
export function conditions(): Conditions {
  const values: unknown[] = [];
  const all: string[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  return {
    values,
    parameter,
    and(sql) {
      all.push(sql);
    },
    where(value, sql) {
      if (value !== undefined) all.push(sql(parameter(value)));
    },
    toString: () => all.join(" AND ") || "true",
  };
}
