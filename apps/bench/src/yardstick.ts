import pg from "pg";
import type { Writes } from "./write-counter.ts";

/** What one order writes, on average. */
export type WritesPerOrder = Writes;

const CONNECTIONS = 16;
const ROW_BYTES = 200;

/**
 * Does what an order writes without any of us: the same number of transactions, inserts and updates per order, each
 * transaction one prepared statement, on tables of rows of a like width. Answers with orders per second.
 */
export async function runYardstick(url: string, perOrder: WritesPerOrder, durationMs: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  try {
    await pool.query(`
      DROP TABLE IF EXISTS written, changed;
      CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL);
      CREATE TABLE changed (id integer PRIMARY KEY, payload text NOT NULL) WITH (fillfactor = 70);
      INSERT INTO changed SELECT n, repeat('x', ${ROW_BYTES}) FROM generate_series(1, 10000) n`);
    const transactions = planned(perOrder);
    const until = performance.now() + durationMs;
    const began = performance.now();
    let orders = 0;
    const worker = async () => {
      while (performance.now() < until) {
        for (const { inserts, updates } of transactions) await write(pool, inserts, updates);
        orders += 1;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    return (orders / (performance.now() - began)) * 1_000;
  } finally {
    await pool.end();
  }
}

type Transaction = { readonly inserts: number; readonly updates: number };

/** Spreads the rows evenly over the transactions. */
export function planned({ transactions, inserts, updates }: WritesPerOrder): Transaction[] {
  const count = Math.max(1, Math.round(transactions));
  const share = (total: number, index: number) =>
    Math.round((total * (index + 1)) / count) - Math.round((total * index) / count);
  return Array.from({ length: count }, (_, index) => ({
    inserts: share(inserts, index),
    updates: share(updates, index),
  }));
}

async function write(pool: pg.Pool, inserts: number, updates: number): Promise<void> {
  const payload = "y".repeat(ROW_BYTES);
  await pool.query({
    name: `write-${inserts}-${updates}`,
    text: `
      WITH inserted AS (INSERT INTO written (payload) SELECT $1 FROM generate_series(1, ${inserts})),
        updated AS (UPDATE changed SET payload = $1 WHERE id = ANY ($2::integer[]))
      SELECT 1`,
    values: [payload, Array.from({ length: updates }, randomId).sort((a, b) => a - b)],
  });
}

function randomId(): number {
  return 1 + Math.floor(Math.random() * 10_000);
}
