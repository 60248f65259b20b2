import pg from "pg";
import { connectionConfig, prepareSession } from "./connection.ts";
import type { DatabaseAddress } from "./database-url.ts";
import { isConflict, isOutdatedPlan, isRefusal, postgresErrors, translate } from "./errors.ts";
import { createLockSession, type Lease, type LockOptions } from "./lease.ts";
import { idleConnectionErrors, observePool } from "./metrics.ts";
import { createReplicaReads } from "./replica-reads.ts";
import { createRunQuery, type Request, requestOf, type Sql } from "./sql.ts";
import { runTransaction, type TransactionOptions, type Tx } from "./transaction.ts";

/** The database of one service. */
export interface Database extends Sql {
  /** Name of the service that it belongs to. */
  readonly service: string;
  /**
   * Runs reads outside of transactions, at a replica if there is one. They see all that was committed before they began, as at the primary.
   * For statements that write nothing.
   */
  readonly reads: Sql;
  /**
   * Runs `work` in a transaction: commits when it resolves, rolls back when it throws. A serialization failure, a deadlock
   * or a prepared statement whose table was migrated runs it again, up to three times with full jitter. `work` must have no
   * effect outside the transaction.
   *
   * @throws KontorError ABORTED (TRANSACTION_CONFLICT) when the conflicts do not end; UNAVAILABLE with the reason
   * COMMIT_OUTCOME_UNKNOWN when the response to COMMIT was lost, so the caller must query the outcome instead of compensating.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Takes a session advisory lock in the one session of this database's locks; returns undefined if it is held. */
  lock(name: string, options?: LockOptions): Promise<Lease | undefined>;
  /** Resolves when the database responds. */
  ping(): Promise<void>;
  /** Releases the locks, waits for the connections in use and closes all. Repeating it is a no-op. */
  close(): Promise<void>;
}

/** Where the database is and how much of it a process may use. */
export interface DatabaseOptions extends DatabaseAddress {
  /** Name of the service, shown in `pg_stat_activity` and as a label. */
  readonly service: string;
  /** What the service uses these connections for, shown after its name, such as `sagas`. */
  readonly part?: string;
  /** Limit of connections, without the one of locks; defaults to 8. */
  readonly max?: number;
  /** How long one statement may run; defaults to 10 s. */
  readonly statementTimeoutMs?: number;
  /** URL of a streaming replica, for `reads`. Default: the primary runs them. */
  readonly readUrl?: string | undefined;
  /** Receives why reads go to the primary from now on; undefined once they go to the replica again. */
  readonly onReplicaChange?: (problem: string | undefined) => void;
}

// Of a statement outside of transactions that was prepared before a migration.
const RETRIES = 3;
const IDLE_TIMEOUT_MS = 60_000;

/**
 * Opens the pool of a service. Connects on first use.
 *
 * ```ts
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const rows = await db.query("SELECT id FROM orders WHERE user_id = $1", ["u-1"]);
 * await db.transaction(async (tx) => {
 *   await tx.query("UPDATE orders SET seen = true WHERE id = $1", ["o-1"]);
 *   tx.afterCommit(() => console.log("committed"));
 * });
 * await db.close();
 * ```
 *
 * @throws DatabaseUrlError if the URL or the CA file cannot be honoured.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, caFile, service, max = 8, statementTimeoutMs = 10_000 } = options;
  const name = options.part === undefined ? service : `${service}-${options.part}`;
  const connection = { url, caFile, service: name, statementTimeoutMs };
  const pool = new pg.Pool({
    ...connectionConfig(connection),
    max,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    pipeline: true,
    onConnect: (client) => prepareSession(client, connection),
  });
  const runQuery = createRunQuery();
  const forget = observePool(pool, name);
  const locks = createLockSession(connection);
  let closed: Promise<void> | undefined;

  // Without listeners a broken connection ends the process. The next query opens a new one.
  pool.on("error", () => idleConnectionErrors.inc({ service: name }));
  pool.on("connect", (client) => void client.on("error", () => undefined));

  async function run(request: Request): Promise<object[]> {
    for (let retry = 0; ; retry++) {
      try {
        return await withClient(pool, (client) => runQuery(client, request));
      } catch (error) {
        if (isOutdatedPlan(error) && retry < RETRIES) continue;
        throw isConflict(error) ? postgresErrors.TRANSACTION_CONFLICT({ cause: error }) : translate(error);
      }
    }
  }

  const replica =
    options.readUrl === undefined
      ? undefined
      : createReplicaReads({
          ...{ url: options.readUrl, caFile, service: name, max, atPrimary: run },
          onChange: options.onReplicaChange ?? (() => undefined),
        });

  async function close() {
    await locks.close();
    await replica?.close();
    await pool.end();
    forget();
  }

  const sqlOf = (runAt: typeof run): Sql => ({
    // The types of rows are those of the statement.
    query: ((...args: Parameters<typeof requestOf>) => runAt(requestOf(...args))) as Sql["query"],
  });
  const { query } = sqlOf(run);

  return {
    service,
    query,
    reads: sqlOf(replica?.run ?? run),
    lock: locks.lock,
    transaction: (work, options = {}) => runTransaction({ pool, service: name, runQuery }, work, options),
    ping: async () => void (await query("SELECT 1")),
    close: () => (closed ??= close()),
  };
}

async function withClient<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(!isRefusal(error));
    throw error;
  }
}
