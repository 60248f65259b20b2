import pg from "pg";

/** The writes of a PostgreSQL server: writing transactions, and the bytes of their log. */
export type Writes = {
  readonly transactions: number;
  readonly walBytes: number;
};

/** Reads the counters of the server behind `url`. */
export async function countWrites(url: string): Promise<Writes> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ xid: string; wal: string }>(
      "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text AS wal",
    );
    return { transactions: Number(rows[0]?.xid), walBytes: Number(rows[0]?.wal) };
  } finally {
    await client.end();
  }
}
