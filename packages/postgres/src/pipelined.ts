import type { Database } from "./database.ts";
import { isAborted } from "./errors.ts";
import type { Tx } from "./transaction.ts";

/**
 * Awaits statements of one transaction that were sent together in one flight. The server runs them in the order they were sent.
 * Fails with the first error that is not the consequence of another, after all statements have ended.
 *
 * ```ts
 * async function rename(tx: Tx, id: string, name: string) {
 *   const [orders] = await pipelined([
 *     tx.query("UPDATE orders SET name = $2 WHERE id = $1 RETURNING id", [id, name]),
 *     tx.query("INSERT INTO audit (order_id) VALUES ($1)", [id]),
 *   ]);
 *   return orders.length === 1;
 * }
 * ```
 */
export async function pipelined<const T extends readonly unknown[]>(
  statements: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(statements);
  const failed = settled.filter((result) => result.status === "rejected");
  const [first] = failed;
  if (first !== undefined) throw (failed.find(({ reason }) => !isAborted(reason)) ?? first).reason;
  return Promise.all(statements);
}

/** Runs a statement, in one round trip behind that of a lock where there is one. */
export function behindLock<R>(
  db: Database,
  lock: ((tx: Tx) => Promise<unknown>) | undefined,
  run: (sql: Pick<Tx, "query">) => Promise<R>,
): Promise<R> {
  if (lock === undefined) return run(db);
  return db.transaction(async (tx) => (await pipelined([lock(tx), run(tx)]))[1]);
}
