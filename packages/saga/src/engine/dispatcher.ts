import { AsyncLocalStorage } from "node:async_hooks";
import type { Sql } from "@kontor/postgres";
import { extractTrace, type Logger, runInContext } from "@kontor/telemetry";
import { claimedSaga, type HeldSaga } from "../attempt/held-saga.ts";
import { Abandoned } from "../attempt/perform.ts";
import { describeError } from "../errors.ts";
import type { SagaRow } from "../store/queue.ts";
import { type Claimant, claimDue, claimHinted, nextDueMs, release, type SagaKey } from "../store/queue.ts";
import { FenceLost } from "../store/store-transitions.ts";
import { createAlarm } from "./alarm.ts";

/** The dependencies and settings of a dispatcher. */
export interface DispatcherOptions {
  readonly db: Sql;
  readonly log: Logger;
  readonly claimant: Claimant;
  readonly concurrency: number;
  readonly pollMs: number;
  /** Runs one attempt and returns the saga after it. */
  readonly advance: (saga: HeldSaga) => Promise<HeldSaga>;
}

/** Time until a row is claimed again after a store of unknown outcome or a lost fence. */
const recheckMs = 200;

/** A reserved place for a saga that is about to be inserted. */
export interface Slot {
  /** Releases the slot. Repeating it is a no-op. */
  free(): void;
}

/**
 * Creates a dispatcher: it claims due sagas and advances each until it sleeps or ends. The longest due is claimed first. Claims
 * alternate between hinted sagas and the queue, so that neither waits for all of the other.
 */
export function createDispatcher({ db, log, claimant, concurrency, pollMs, advance }: DispatcherOptions) {
  const active = new Map<string, Promise<void>>();
  const hints = new Map<string, SagaKey>();
  // Sagas begun in a request must not inherit its deadline, its user or its span.
  const withoutContext = AsyncLocalStorage.snapshot();
  let running = false;
  let slots = 0;
  let hintsNext = false;
  let claiming: Promise<void> | undefined;
  let pollDue = false;
  const alarm = createAlarm(poll);

  function launch(row: SagaRow): void {
    const key = keyOf(row);
    const begunIn = extractTrace(row.traceparent === null ? {} : { traceparent: row.traceparent });
    const driven = withoutContext(runInContext, begunIn, () => drive(row)).finally(() => {
      active.delete(key);
      if (hints.size > 0 || pollDue) pump();
    });
    active.set(key, driven);
  }

  async function drive(claimed: SagaRow): Promise<void> {
    let row = claimedSaga(claimed);
    try {
      while (row.leased && running) row = await advance(row);
      if (row.leased) await release(db, row);
      else if (isActive(row)) alarm.setAtMost(row.due_ms);
    } catch (error) {
      if (error instanceof Abandoned) return await release(db, row).catch(() => {});
      const facts = { saga: row.name, sagaId: row.id, error: describeError(error) };
      if (error instanceof FenceLost) log.info(facts, "saga fence lost");
      else log.warn(facts, "saga not stored");
      setTimeout(() => hint(row), recheckMs).unref();
    }
  }

  function hint(key: SagaKey): void {
    if (!running) return;
    hints.set(keyOf(key), { name: key.name, id: key.id });
    pump();
  }

  function pump(): void {
    if (!running || claiming) return;
    claiming = withoutContext(claim)
      .catch((error: unknown) => {
        log.warn({ error: describeError(error) }, "due sagas not claimed");
        alarm.setAtMost(recheckMs);
      })
      .finally(() => {
        claiming = undefined;
      });
  }

  async function claim(): Promise<void> {
    while (running && active.size < concurrency && (pollDue || hints.size > 0)) {
      const free = concurrency - active.size;
      hintsNext = !hintsNext;
      if (hintsNext && hints.size > 0) await claimHints(pollDue ? Math.ceil(free / 2) : free);
      else if (pollDue) await claimQueue(free);
    }
  }

  async function claimHints(limit: number): Promise<void> {
    const keys = takeHints(limit);
    if (keys.length > 0) for (const row of await claimKeys(keys)) launch(row);
  }

  async function claimQueue(limit: number): Promise<void> {
    pollDue = false;
    const rows = await claimDue(db, claimant, limit);
    for (const row of rows) launch(row);
    if (rows.length === limit)
      pollDue = true; // There may be more: claim again when a slot is free.
    else alarm.setAtMost((await nextDueMs(db)) ?? pollMs);
  }

  async function claimKeys(keys: readonly SagaKey[]): Promise<SagaRow[]> {
    try {
      return await claimHinted(db, claimant, keys);
    } catch (error) {
      for (const key of keys) hints.set(keyOf(key), key); // The next poll claims them, when the database is back.
      throw error;
    }
  }

  /** Removes up to `limit` hints. Returns those of sagas that are not active here: an active one reads the wake when it stores. */
  function takeHints(limit: number): SagaKey[] {
    const taken = [...hints].slice(0, limit);
    for (const [key] of taken) hints.delete(key);
    return taken.filter(([key]) => !active.has(key)).map(([, key]) => key);
  }

  function poll(): void {
    if (!running) return;
    pollDue = true;
    alarm.setAtMost(pollMs);
    pump();
  }

  return {
    claimant,
    hint,
    /** Claims from the queue as soon as a slot is free. */
    poll,
    /** Reserves a slot for a row that a transaction inserts; undefined if none is free. The slot expires, since the transaction may roll back. */
    reserve(): Slot | undefined {
      if (!running || active.size + slots >= concurrency) return undefined;
      slots += 1;
      let taken = true;
      const free = () => {
        if (taken) slots -= 1;
        taken = false;
        clearTimeout(expiry);
      };
      const expiry = setTimeout(free, claimant.leaseMs).unref();
      return { free };
    },
    /** Advances a row that was inserted with a lease. */
    launch: (row: SagaRow) => (running ? launch(row) : void release(db, row).catch(() => {})),
    start(): void {
      running = true;
      poll();
    },
    /** Claims nothing more. Resolves when each claimed saga is stored or released. */
    async stop(): Promise<void> {
      running = false;
      alarm.clear();
      await claiming;
      await Promise.all(active.values());
    },
  };
}

function isActive({ phase }: HeldSaga): boolean {
  return phase === "running" || phase === "compensating";
}

function keyOf({ name, id }: SagaKey): string {
  return `${name}\u0000${id}`;
}
