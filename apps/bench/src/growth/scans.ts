import { serviceNames } from "@kontor/shop";
import pg from "pg";
import { databaseUrlOf, type ShopUnderTest } from "../shop-under-test.ts";

/** A large table that was read row by row: an index is missing, or the plan has not chosen it. */
export type Scan = { readonly table: string; readonly scans: number; readonly rowsRead: number };

/** A table below this size is read row by row for good reason. */
const LARGE_ROWS = 1_000;

/** Forgets what was read so far. */
export async function forgetScans(shop: ShopUnderTest): Promise<void> {
  for (const database of serviceNames) await query(shop, database, "SELECT pg_stat_reset()");
}

/** Returns the large tables that were read row by row since {@link forgetScans}, the most read first. */
export async function scansSince(shop: ShopUnderTest): Promise<Scan[]> {
  const found: Scan[] = [];
  for (const database of serviceNames) {
    const rows = await query(
      shop,
      database,
      `SELECT s.relname AS name, s.seq_scan::int AS scans, s.seq_tup_read::float8 AS rows FROM pg_stat_user_tables s
       JOIN pg_class c ON c.oid = s.relid WHERE c.reltuples > ${LARGE_ROWS} AND s.seq_scan > 0`,
    );
    for (const { name, scans, rows: rowsRead } of rows)
      found.push({ table: `${database}.${name}`, scans: Number(scans), rowsRead: Number(rowsRead) });
  }
  return found.sort((one, other) => other.rowsRead - one.rowsRead);
}

async function query(shop: ShopUnderTest, database: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrlOf(shop)(database) });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
