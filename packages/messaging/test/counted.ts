import type { Database, Sql } from "@kontor/postgres";

/** The counts of a database's statements. */
export interface Counts {
  transactions: number;
  /** Statements in transactions and outside of them, without BEGIN and COMMIT. */
  statements: number;
}

/** Returns the database, and the counts of its statements. */
export function counted(db: Database): { readonly db: Database; readonly counts: Counts } {
  const counts: Counts = { transactions: 0, statements: 0 };
  const counting = (sql: Sql) =>
    ((...args: Parameters<Sql["query"]>) => {
      counts.statements += 1;
      return sql.query(...args);
    }) as Sql["query"];
  return {
    counts,
    db: {
      ...db,
      query: counting(db),
      transaction: (work, options) => {
        counts.transactions += 1;
        return db.transaction((tx) => work({ ...tx, query: counting(tx) }), options);
      },
    },
  };
}
