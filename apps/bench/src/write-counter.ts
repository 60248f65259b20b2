import pg from "pg";

/** What was written to a PostgreSQL server: transactions that wrote, rows, and the log they made. */
export type Writes = {
  readonly transactions: number;
  readonly inserts: number;
  readonly updates: number;
  readonly walBytes: number;
};

/** Reads the server's own counters. Rows are summed over the databases. */
export async function countWrites(url: (database: string) => string, databases: readonly string[]): Promise<Writes> {
  const rows = await Promise.all(databases.map((database) => countRows(url(database))));
  const [server] = await query(
    url("postgres"),
    "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS wal",
  );
  const sum = (of: (row: { ins: number; upd: number }) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    transactions: Number(server?.xid),
    inserts: sum(({ ins }) => ins),
    updates: sum(({ upd }) => upd),
    walBytes: Number(server?.wal),
  };
}

export function difference(after: Writes, before: Writes): Writes {
  return {
    transactions: after.transactions - before.transactions,
    inserts: after.inserts - before.inserts,
    updates: after.updates - before.updates,
    walBytes: after.walBytes - before.walBytes,
  };
}

async function countRows(url: string): Promise<{ ins: number; upd: number }> {
  const [row] = await query(
    url,
    "SELECT coalesce(sum(n_tup_ins), 0)::text AS ins, coalesce(sum(n_tup_upd), 0)::text AS upd FROM pg_stat_user_tables",
  );
  return { ins: Number(row?.ins), upd: Number(row?.upd) };
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
