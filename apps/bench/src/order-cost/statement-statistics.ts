import pg from "pg";

/** How often PostgreSQL ran one statement, in which database, and for how long. */
export type StatementUse = {
  readonly database: string;
  readonly text: string;
  readonly calls: number;
  readonly ms: number;
};

/** The settings of a server whose statements are counted. */
export const COUNTING = ["--postgres", "shared_preload_libraries=pg_stat_statements"] as const;

/** Reads how often services ran their statements. Other clients of the server do not count. */
export interface StatementStatistics {
  read(): Promise<readonly StatementUse[]>;
  close(): Promise<void>;
}

const USES = `
  SELECT datname AS database, query AS text, sum(calls)::float8 AS calls, sum(total_exec_time) AS ms
  FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid JOIN pg_roles ON pg_roles.oid = userid
  WHERE rolname LIKE '%\\_run'
  GROUP BY 1, 2`;

/** Opens the statistics of a server started with `COUNTING`. `url` is that of its superuser. */
export async function openStatementStatistics(url: string): Promise<StatementStatistics> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
  return {
    read: async () => (await client.query<StatementUse>(USES)).rows,
    close: () => client.end(),
  };
}

/** Returns the statements between two readings. */
export function usedBetween(before: readonly StatementUse[], after: readonly StatementUse[]): StatementUse[] {
  const keyOf = ({ database, text }: StatementUse) => `${database}\n${text}`;
  const known = new Map(before.map((use) => [keyOf(use), use]));
  return after.flatMap((use) => {
    const { calls, ms } = known.get(keyOf(use)) ?? { calls: 0, ms: 0 };
    return use.calls > calls ? { ...use, calls: use.calls - calls, ms: use.ms - ms } : [];
  });
}
