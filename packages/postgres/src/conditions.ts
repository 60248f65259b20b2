/** A page of rows in the order of their creation. */
export interface CreatedPage {
  /** The id of the last row of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Default: newest first. */
  readonly oldestFirst?: boolean | undefined;
}

/** The conditions of a statement whose filters are optional, and its parameters. */
export interface Conditions {
  /** The values of all parameters so far, in order. */
  readonly values: readonly unknown[];
  /** Adds a condition, unless the value is undefined. `sql` gets the placeholder of the value. */
  where<T>(value: T | undefined, sql: (placeholder: string) => string): void;
  /** Adds a condition for each column whose value is not undefined: it must be this one. */
  equal(columns: Readonly<Record<string, unknown>>): void;
  /** Adds a condition. */
  and(sql: string): void;
  /** Returns the placeholder of a value outside of the conditions. */
  parameter(value: unknown): string;
  /** Adds the condition of a page of rows sorted by `created_at` and `id`, and returns the end of the statement: its order and limit. */
  page(table: string, page: CreatedPage): string;
  /** Returns the conditions joined by AND; `true` if there are none. */
  toString(): string;
}

/**
 * Collects the conditions of a request, so that the planner receives only these: `$1 IS NULL OR …` hides indexes from it.
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
  const where = <T>(value: T | undefined, sql: (placeholder: string) => string) => {
    if (value !== undefined) all.push(sql(parameter(value)));
  };
  return {
    values,
    parameter,
    and(sql) {
      all.push(sql);
    },
    where,
    equal(columns) {
      for (const [column, value] of Object.entries(columns))
        where(value, (placeholder) => `${column} = ${placeholder}`);
    },
    page(table, { after, limit, oldestFirst = false }) {
      const [direction, beyond] = oldestFirst ? ["ASC", ">"] : ["DESC", "<"];
      // Times have microseconds, which a token of milliseconds would lose.
      where(after, (id) => `(created_at, id) ${beyond} (SELECT l.created_at, l.id FROM ${table} l WHERE l.id = ${id})`);
      return `ORDER BY created_at ${direction}, id ${direction} LIMIT ${parameter(limit)}`;
    },
    toString: () => all.join(" AND ") || "true",
  };
}
