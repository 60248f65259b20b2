import { isKontorError } from "@kontor/errors";
import type { Database, Tx } from "@kontor/postgres";
import { eventStoreErrors } from "./errors.ts";
import type { EventStore } from "./event-store.ts";
import type { Projection } from "./projection.ts";
import { type Replacement, replace } from "./replace.ts";
import { lastPosition, replay, replayAll } from "./replay.ts";
import { createShadow, enter, type Shadow } from "./shadow.ts";

/** The options of a rebuild. */
export interface RebuildOptions<Event> {
  /** Logs in as the owner of the tables: it locks, creates and drops. */
  readonly db: Database;
  /** The store with the events. */
  readonly store: EventStore<Event>;
  /** The projection whose tables are filled again. */
  readonly projection: Projection<Event>;
  /** Events in one transaction, default 500. */
  readonly batch?: number;
  /** Longest time to wait for a lock before letting writers pass and trying again, default 200 ms. */
  readonly lockTimeoutMs?: number;
  /** Called after each transaction. */
  readonly onProgress?: (progress: RebuildProgress) => void;
}

/** How far a rebuild has come. */
export interface RebuildProgress {
  /** Events applied so far. */
  readonly applied: number;
  /** Position reached, and the one to reach before the swap. */
  readonly position: bigint;
  readonly target: bigint;
}

/**
 * Rebuilds a projection while others write and read. It folds the events into shadow tables. Then it stops writers for a
 * short time, folds the rest and swaps the tables. If readers hold the tables, it merges the rows instead.
 * Events that commit meanwhile are not lost: positions
 * are read under a lock that waits for open appends, so that no event below them can commit later. Interrupted, it leaves
 * the live tables as they were; the next one starts again. Throws ABORTED `REBUILD_RUNNING`.
 */
export async function rebuildProjection<Event>(
  options: RebuildOptions<Event>,
): Promise<{ readonly applied: number; readonly by: Replacement }> {
  const { db, projection, store, batch = 500, lockTimeoutMs = 200, onProgress } = options;
  const lease = await db.lock(`rebuild:${projection.name}`);
  if (lease === undefined) throw eventStoreErrors.REBUILD_RUNNING({ projection: projection.name });
  const source = { store, projection };
  let applied = 0;
  let position = 0n;

  async function foldUpTo(target: bigint, shadow: Shadow): Promise<void> {
    while (position < target) {
      const done = await db.transaction(async (tx) => {
        lease?.lost.throwIfAborted();
        await enter(tx, shadow);
        return replay(tx, source, { after: position, upTo: target, batch });
      });
      position = done.last;
      applied += done.count;
      onProgress?.({ applied, position, target });
    }
  }

  async function finish(tx: Tx, shadow: Shadow) {
    await haltWriters(tx, store.table, lockTimeoutMs);
    await enter(tx, shadow);
    const target = await lastPosition(tx, store);
    const count = await replayAll(tx, source, { after: position, upTo: target, batch });
    const by = await replace(tx, projection, shadow);
    return { target, count, by };
  }

  try {
    const shadow = await db.transaction((tx) => createShadow(tx, projection));
    for (;;) {
      const target = await untilLocked(() => settledPosition(db, store, lockTimeoutMs));
      const behind = target - position;
      await foldUpTo(target, shadow);
      if (behind <= BigInt(batch)) break; // Close enough: the rest is folded under the lock.
    }
    const { target, count, by } = await untilLocked(async () => {
      await foldUpTo(await settledPosition(db, store, lockTimeoutMs), shadow);
      return db.transaction((tx) => finish(tx, shadow));
    });
    applied += count;
    onProgress?.({ applied, position: target, target });
    return { applied, by };
  } finally {
    await lease.release();
  }
}

/** Resolves to the last position below which nothing is uncommitted. */
function settledPosition<E>(db: Database, store: EventStore<E>, lockTimeoutMs: number): Promise<bigint> {
  return db.transaction(async (tx) => {
    await haltWriters(tx, store.table, lockTimeoutMs);
    return lastPosition(tx, store);
  });
}

/** Waits for open appends and blocks new ones until the transaction ends. Readers continue. */
async function haltWriters(tx: Tx, table: string, lockTimeoutMs: number): Promise<void> {
  await tx.query(`SET LOCAL lock_timeout = ${Math.trunc(lockTimeoutMs)}`);
  await tx.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
}

/** Repeats work that did not get its lock in time; writers continue between two attempts. */
async function untilLocked<T>(work: () => Promise<T>, tries = 100): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      const busy = isKontorError(error, "LOCK_TIMEOUT") || isKontorError(error, "TRANSACTION_CONFLICT");
      if (!busy || tried === tries) throw error;
    }
  }
}
