import { setTimeout as delay } from "node:timers/promises";
import { isKontorError } from "@kontor/errors";
import { withSpan } from "@kontor/telemetry";
import type { ClientBase, Pool } from "pg";
import { isAborted, isConflict, isRefusal, postgresErrors, translate } from "./errors.ts";
import { joinWrites } from "./joined-writes.ts";
import { transactionConflicts, transactionSeconds } from "./metrics.ts";
import { type Request, type RunQuery, requestOf, type Sql } from "./sql.ts";

/** A transaction that is open while `work` runs. */
export interface Tx extends Sql {
  /** Calls `hook` once after the COMMIT was confirmed, never if it was not. A hook that throws crashes nothing but is reported. */
  afterCommit(hook: () => void): void;
}

/** The isolation from other transactions. Default: READ COMMITTED. */
export type Isolation = "serializable" | "repeatable read";

/** How a transaction is run. */
export interface TransactionOptions {
  /** Default: READ COMMITTED. The stricter ones are repeated after a conflict, up to three times. */
  readonly isolation?: Isolation;
}

/** Where transactions are run. */
export interface TransactionPlace {
  readonly pool: Pool;
  readonly service: string;
  readonly runQuery: RunQuery;
}

const RETRIES = 3;
const BACKOFF_MS = 20;

const span = { onlyAsChild: true, attributes: { "db.system.name": "postgresql" } };

/** Runs attempts until one commits, or fails for another reason than a conflict, or conflicts once too often. */
export async function runTransaction<T>(
  place: TransactionPlace,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  for (let retry = 0; ; retry++) {
    try {
      return await withSpan("transaction", span, () => attempt(place, work, options));
    } catch (error) {
      if (!isConflict(error)) throw translate(error);
      transactionConflicts.inc({ service: place.service });
      if (retry === RETRIES) throw postgresErrors.TRANSACTION_CONFLICT({ cause: error });
      await delay(Math.random() * BACKOFF_MS * 2 ** retry);
    }
  }
}

async function attempt<T>(
  { pool, service, runQuery }: TransactionPlace,
  work: (tx: Tx) => Promise<T>,
  { isolation }: TransactionOptions,
): Promise<T> {
  const client = await pool.connect();
  const measured = transactionSeconds.startTimer({ service });
  const { tx, end, hooks, causeOf } = openTransaction(client, runQuery);
  let result: T;
  try {
    joinWrites(client); // Not awaited yet: the first statement travels with it.
    const begun = client.query(isolation ? `BEGIN ISOLATION LEVEL ${isolation.toUpperCase()}` : "BEGIN");
    begun.catch(() => undefined);
    result = await work(tx);
    end();
    await begun;
    await commit(client);
  } catch (error) {
    end();
    measured({ outcome: isKontorError(error, "COMMIT_OUTCOME_UNKNOWN") ? "unknown" : "rolled_back" });
    client.release(!(await rolledBack(client)));
    throw causeOf(error);
  }
  measured({ outcome: "committed" });
  client.release();
  for (const hook of hooks) callHook(hook);
  return result;
}

function openTransaction(client: ClientBase, runQuery: RunQuery) {
  const hooks: (() => void)[] = [];
  let open = true;
  let failure: unknown;
  async function run(request: Request) {
    if (!open) throw new Error("A query came after its transaction had ended. Await each query of a transaction.");
    try {
      return await runQuery(client, request);
    } catch (error) {
      const translated = translate(error);
      if (!isAborted(error)) failure = translated;
      throw translated;
    }
  }
  const tx: Tx = {
    // The types of rows are those of the statement.
    query: ((...args: Parameters<typeof requestOf>) => run(requestOf(...args))) as Sql["query"],
    afterCommit: (hook) => void hooks.push(hook),
  };
  const end = () => {
    open = false;
  };
  // Of statements that were sent together, one after the failure may have reported it first.
  const causeOf = (error: unknown) => (isAborted(error) ? (failure ?? error) : error);
  return { tx, hooks, end, causeOf };
}

async function commit(client: ClientBase): Promise<void> {
  let command: string;
  try {
    ({ command } = await client.query("COMMIT"));
  } catch (error) {
    throw isRefusal(error) ? error : postgresErrors.COMMIT_OUTCOME_UNKNOWN({ cause: error });
  }
  // PostgreSQL responds to COMMIT of a failed transaction with ROLLBACK, not with an error.
  if (command !== "COMMIT") {
    throw new Error("A statement failed and its error was swallowed, so the transaction was rolled back.");
  }
}

/** Resolves to whether the connection is usable again; if not, it is lost and the server rolls back on its own. */
async function rolledBack(client: ClientBase): Promise<boolean> {
  try {
    await client.query("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}

// The transaction has happened, so a broken hook must not look like a failure of it.
function callHook(hook: () => void): void {
  try {
    hook();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
