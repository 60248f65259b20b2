import pg from "pg";
import { type ConnectionOptions, connectionConfig, prepareSession } from "./connection.ts";
import { translate } from "./errors.ts";

/** A lock that is held until it is released or its connection dies. */
export interface Lease {
  /** Aborts when the lock may have passed to someone else. Whoever holds the lease stops at once. */
  readonly lost: AbortSignal;
  /** Gives the lock back. Repeating it is a no-op. */
  release(): Promise<void>;
}

const PING_INTERVAL_MS = 3_000;
const PING_TIMEOUT_MS = 3_000;

/**
 * Takes a session advisory lock on a connection of its own, or answers undefined if another session holds it. The key is
 * a 64-bit hash of the name, so names are free text and belong to the database they are taken in.
 */
export async function acquireLease(connection: ConnectionOptions, name: string): Promise<Lease | undefined> {
  const client = new pg.Client({ ...connectionConfig(connection), query_timeout: PING_TIMEOUT_MS });
  const lost = new AbortController();
  client.on("error", (cause) => lost.abort(new Error(`The lock "${name}" was lost.`, { cause })));
  try {
    await client.connect();
    await prepareSession(client, connection);
    const sql = "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked";
    const { rows } = await client.query<{ locked: boolean }>(sql, [name]);
    if (rows[0]?.locked === true) return hold(client, lost);
    await client.end();
    return undefined;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw translate(error);
  }
}

function hold(client: pg.Client, lost: AbortController): Lease {
  // A socket that is half open says nothing until it is asked.
  const pings = setInterval(() => {
    client.query("SELECT 1").catch((error: unknown) => client.emit("error", error));
  }, PING_INTERVAL_MS).unref();

  let ended: Promise<void> | undefined;
  const release = () => {
    clearInterval(pings);
    client.removeAllListeners("error").on("error", () => undefined);
    ended ??= client.end().catch(() => undefined);
    return ended;
  };
  lost.signal.addEventListener("abort", () => void release(), { once: true });
  return { lost: lost.signal, release };
}
