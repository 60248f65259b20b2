import pg from "pg";
import { connectionConfig, prepareSession } from "./connection.ts";
import type { DatabaseAddress } from "./database-url.ts";
import { isRefusal } from "./errors.ts";
import { joinNext } from "./join-next.ts";
import { observePool, replicaReads } from "./metrics.ts";
import { createRunQuery, type Request } from "./sql.ts";

/** A streaming replica of a database, and what reads there when it cannot. */
export interface ReplicaOptions extends DatabaseAddress {
  readonly service: string;
  readonly max: number;
  /** Runs a statement at the primary. */
  readonly atPrimary: (request: Request) => Promise<object[]>;
  /** Receives why reads go to the primary from now on; undefined once they go to the replica again. */
  readonly onChange: (problem: string | undefined) => void;
}

/** Reads at a replica. */
export interface ReplicaReads {
  readonly run: (request: Request) => Promise<object[]>;
  close(): Promise<void>;
}

/** How long reads wait until the replica has replayed what they must see. */
const WAIT_MS = 100;
const POLL_MS = 3;
/** How long reads go to the primary after the replica was behind, or failed. */
const PAUSE_MS = 1_000;
/** Longest time that a read may take at the replica before the primary runs it. */
const READ_MS = 2_000;
/** Age at which the position of the replica is read again: after a failover the primary may have less than was known. */
const FRESH_MS = 1_000;

// What was acknowledged to a caller is flushed. Of a replica that was promoted nothing is known: it returns no row.
const PRIMARY =
  "SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn AS position, system_identifier FROM pg_control_system()";
const REPLICA = `SELECT pg_last_wal_replay_lsn() - '0/0'::pg_lsn AS position, system_identifier FROM pg_control_system()
  WHERE pg_is_in_recovery()`;

/**
 * Runs reads at a replica that has replayed all that was committed when they began. It reads the primary's position in the log,
 * once for all reads that wait. It then waits up to 100 ms until the replica has reached that position. Else, and whenever the replica fails, the primary
 * runs the read. So a read sees every write that was acknowledged to anybody before: that of its caller, and that of an event.
 */
export function createReplicaReads({ service, max, atPrimary, onChange, ...address }: ReplicaOptions): ReplicaReads {
  const connection = { ...address, service, statementTimeoutMs: READ_MS };
  const pool = new pg.Pool({
    ...connectionConfig(connection),
    connectionTimeoutMillis: READ_MS,
    query_timeout: READ_MS,
    max,
    pipeline: true,
    onConnect: (client) => prepareSession(client, connection),
  });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  const forget = observePool(pool, `${service}-replica`);
  const runQuery = createRunQuery();
  let replayed = { position: -1n, at: Number.NEGATIVE_INFINITY };
  let pausedUntil = 0;
  let problem: string | undefined;

  function pause(reason: string): false {
    pausedUntil = performance.now() + PAUSE_MS;
    if (problem === undefined) onChange(reason);
    problem = reason;
    return false;
  }

  async function atReplica(request: Request): Promise<object[]> {
    const client = await pool.connect();
    try {
      const rows = await runQuery(client, request);
      client.release();
      return rows;
    } catch (error) {
      client.release(!isRefusal(error));
      throw error;
    }
  }

  /** Returns whether the replica has replayed all that is committed now. */
  const isCurrent = joinNext(async () => {
    const until = performance.now() + WAIT_MS;
    const [primary] = await atPrimary(requestFor("replica.primary-position", PRIMARY)).then(positionsOf);
    if (primary === undefined) return pause("The primary does not tell its position.");
    while (replayed.position < primary.position || performance.now() - replayed.at > FRESH_MS) {
      const [replica] = await atReplica(requestFor("replica.position", REPLICA)).then(positionsOf);
      if (replica === undefined) return pause("The server is no replica.");
      if (replica.system !== primary.system) return pause("The server is a replica of another one.");
      replayed = { position: replica.position, at: performance.now() };
      if (replayed.position >= primary.position) break;
      if (performance.now() > until) return pause("The replica is behind.");
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (problem !== undefined) onChange(undefined);
    problem = undefined;
    return true;
  });

  return {
    async run(request) {
      try {
        if (performance.now() >= pausedUntil && (await isCurrent())) {
          const rows = await atReplica(request);
          replicaReads.inc({ service, server: "replica" });
          return rows;
        }
      } catch (error) {
        if (!isRefusal(error)) pause(error instanceof Error ? error.message : String(error));
      }
      replicaReads.inc({ service, server: "primary" });
      return atPrimary(request);
    },
    async close() {
      await pool.end();
      forget();
    },
  };
}

function requestFor(name: string, text: string): Request {
  return { text, values: [], prepared: name, label: name };
}

function positionsOf(rows: readonly object[]): { readonly position: bigint; readonly system: bigint }[] {
  return rows.flatMap((row) => {
    const { position, system_identifier: system } = row as { position?: unknown; system_identifier?: unknown };
    return typeof position === "string" && typeof system === "bigint" ? [{ position: BigInt(position), system }] : [];
  });
}
