import pg from "pg";
import { type ConnectionOptions, connectionConfig, prepareSession } from "./connection.ts";
import { postgresErrors, translate } from "./errors.ts";
import { selectRows } from "./select-rows.ts";

/** A lock that is held until it is released or its session ends. */
export interface Lease {
  /** Aborts when another session may have the lock. The holder stops at once. */
  readonly lost: AbortSignal;
  /** Releases the lock. Repeating it is a no-op. */
  release(): Promise<void>;
}

/** How a lock is taken. */
export interface LockOptions {
  /** Any number of sessions may share the lock, as long as none has it alone. Default: one session has it. */
  readonly shared?: boolean;
}

/** The one session in which a process takes its advisory locks, held and attempted ones alike. */
export interface LockSession {
  /**
   * Takes a session advisory lock, or returns undefined if it is held. The key is a 64-bit hash of the name, so names are
   * free text and belong to the database they are taken in. Connects on first use and again after the session was lost.
   */
  lock(name: string, options?: LockOptions): Promise<Lease | undefined>;
  /** Releases all locks and ends the session. */
  close(): Promise<void>;
}

interface Session {
  readonly client: pg.Client;
  readonly held: Map<string, AbortController>;
  readonly pings: NodeJS.Timeout;
}

const PING_INTERVAL_MS = 3_000;
const PING_TIMEOUT_MS = 3_000;
const TRY = "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked";
const TRY_SHARED = "SELECT pg_try_advisory_lock_shared(hashtextextended($1, 0)) AS locked";
const UNLOCK = "SELECT pg_advisory_unlock(hashtextextended($1, 0))";
const UNLOCK_SHARED = "SELECT pg_advisory_unlock_shared(hashtextextended($1, 0))";

/**
 * Creates a session that remains open: a standby attempts its locks repeatedly, and each attempt is one statement. It does not
 * wait inside PostgreSQL, because a waiting statement holds a snapshot that keeps VACUUM from removing rows.
 */
export function createLockSession(connection: ConnectionOptions): LockSession {
  let current: Promise<Session> | undefined;
  let closed = false;

  async function open(): Promise<Session> {
    const client = new pg.Client({ ...connectionConfig(connection), query_timeout: PING_TIMEOUT_MS, pipeline: true });
    const held = new Map<string, AbortController>();
    let ended = false;
    client.on("error", end);
    // A half-open socket reports nothing until it is used.
    const ping = () => client.query("SELECT 1").catch(end);
    const pings = setInterval(() => void ping(), PING_INTERVAL_MS).unref();
    try {
      await client.connect();
      await prepareSession(client, connection);
      return { client, held, pings };
    } catch (error) {
      end(error);
      throw translate(error);
    }
    function end(cause: unknown): void {
      if (ended) return;
      ended = true;
      clearInterval(pings);
      void client.end().catch(() => undefined);
      current = undefined;
      for (const [name, lost] of held) lost.abort(new Error(`The lock "${name}" was lost.`, { cause }));
      held.clear();
    }
  }

  async function lock(name: string, { shared = false }: LockOptions = {}): Promise<Lease | undefined> {
    if (closed) throw postgresErrors.DATABASE_UNAVAILABLE();
    current ??= open();
    const { client, held } = await current;
    if (held.has(name)) return undefined; // The same session would be granted it twice.
    const lost = new AbortController();
    held.set(name, lost);
    try {
      const [row] = await selectRows(client, { locked: "boolean" }, shared ? TRY_SHARED : TRY, [name]);
      if (row?.locked === true && !lost.signal.aborted)
        return { lost: lost.signal, release: () => release(client, held, name, lost, shared) };
      if (held.get(name) === lost) held.delete(name);
      return undefined;
    } catch (error) {
      if (held.get(name) === lost) held.delete(name);
      client.emit("error", error); // Whether the lock was granted is unknown, so the session ends.
      throw translate(error);
    }
  }

  async function release(
    client: pg.Client,
    held: Map<string, unknown>,
    name: string,
    lost: AbortController,
    shared: boolean,
  ) {
    if (held.get(name) !== lost) return;
    held.delete(name);
    await client.query(shared ? UNLOCK_SHARED : UNLOCK, [name]).catch((error: unknown) => client.emit("error", error));
  }

  async function close(): Promise<void> {
    closed = true;
    const session = await current?.catch(() => undefined);
    if (!session) return;
    clearInterval(session.pings);
    session.held.clear();
    await session.client.end().catch(() => undefined);
  }

  return { lock, close };
}
