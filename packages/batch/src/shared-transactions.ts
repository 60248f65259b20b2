import { AsyncLocalStorage } from "node:async_hooks";
import { type Database, pipelined, type Tx } from "@kontor/postgres";
import { createBatch } from "./create-batch.ts";
import type { RequestOptions } from "./waiting.ts";

/**
 * Runs `work` in a transaction, with the works of other callers, and resolves after the commit. A work that fails is rolled back and
 * fails alone. It may run several times, so it has no effect outside of the transaction; it waits for nothing but its statements.
 *
 * @throws what `db.transaction` throws. After COMMIT_OUTCOME_UNKNOWN no work is repeated: the caller looks its effect up by key.
 */
export type SharedTransactions = <T>(work: (tx: Tx) => Promise<T>, options?: RequestOptions) => Promise<T>;

/** The name in metrics and errors, and the bounds. */
export interface SharedTransactionsOptions {
  readonly name: string;
  /** Largest number of works in one transaction. Default: 64. */
  readonly maxSize?: number;
  /** Largest number of transactions side by side. Default: 2. */
  readonly maxFlights?: number;
  /** Largest number of works that are not settled. Default: 1024. */
  readonly maxWaiting?: number;
}

/**
 * Creates transactions that concurrent callers share: one BEGIN, one COMMIT and one wait for the disk for all that are ready. Their
 * statements stay as many as they were, unless the works use a {@link createJoin}.
 *
 * ```ts
 * import { openDatabase, type Tx } from "@kontor/postgres";
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const share = createSharedTransactions(db, { name: "orders.place" });
 * const insert = createJoin(async (tx: Tx, ids: readonly string[]) => {
 *   await tx.query("INSERT INTO orders (id) SELECT unnest($1::text[])", [ids]);
 *   return ids;
 * });
 * await Promise.all(["o-1", "o-2"].map((id) => share((tx) => insert(tx, id)))); // One transaction, one statement.
 * ```
 */
export function createSharedTransactions(
  db: Pick<Database, "transaction">,
  { maxFlights = 2, ...options }: SharedTransactionsOptions,
): SharedTransactions {
  const share = createBatch<(tx: Tx) => Promise<unknown>, unknown>({
    ...options,
    maxFlights,
    run: (works) => db.transaction((tx) => pipelined(works.map((work) => work(tx)))),
  });
  return <T>(work: (tx: Tx) => Promise<T>, requestOptions?: RequestOptions) => {
    const inCall = AsyncLocalStorage.snapshot(); // Each work keeps the trace and the deadline of its own caller.
    return share((tx) => inCall(work, tx), requestOptions) as Promise<T>;
  };
}
