import { randomInt } from "node:crypto";

/** Exponential backoff with full jitter: a random time up to `baseMs` doubled with each attempt, at most `capMs`. */
export interface Backoff {
  /** Longest delay before the second attempt, in milliseconds. */
  readonly baseMs: number;
  /** Longest delay of all, in milliseconds. */
  readonly capMs: number;
}

/** The settings of an engine; each has a default. */
export interface SagaSettings {
  /** Sagas this process runs at once, default 32. */
  readonly concurrency: number;
  /**
   * Longest interval between queries for due sagas, default 5,000 ms. It finds sagas that another process left behind. Begins, wakes, the
   * end of a wait and the end of a lease do not wait for it.
   */
  readonly pollMs: number;
  /** Time limit of one attempt of a step without its own, default 5,000 ms. */
  readonly stepTimeoutMs: number;
  /** Time from the longest attempt to the end of its lease, default 2,000 ms: attempt + margin is the time to recover from a crash. */
  readonly leaseMarginMs: number;
  /** Backoff between attempts of a step, default 100 ms doubling up to 30 s. */
  readonly retry: Backoff;
  /**
   * Failed attempts of one step, which no deadline ends, before the saga is parked, default 30: about eight minutes. A transient
   * failure never parks.
   */
  readonly maxRunAttempts: number;
  /** Failed attempts of one undo before the saga is parked, default 10. A transient failure never parks. */
  readonly maxUndoAttempts: number;
  /** Backoff between attempts of an undo, default 1 s doubling up to 60 s: about two minutes until parked. */
  readonly undoRetry: Backoff;
  /** Interval between two looks at all sagas that have not ended, default 10 s: metrics, and sagas whose definition is missing. */
  readonly watchMs: number;
  /** Time for which a saga is due and no engine has its definition, before it is parked, default 5 min: longer than a rollout takes. */
  readonly definitionGraceMs: number;
  /** Time that `stop` gives the steps in flight, default 5,000 ms. */
  readonly stopGraceMs: number;
}

export const defaults: SagaSettings = {
  concurrency: 32,
  pollMs: 5_000,
  stepTimeoutMs: 5_000,
  leaseMarginMs: 2_000,
  retry: { baseMs: 100, capMs: 30_000 },
  maxRunAttempts: 30,
  maxUndoAttempts: 10,
  undoRetry: { baseMs: 1_000, capMs: 60_000 },
  watchMs: 10_000,
  definitionGraceMs: 300_000,
  stopGraceMs: 5_000,
};

/** Returns the milliseconds to wait after the nth failure. Source: "Exponential Backoff and Jitter", AWS Architecture Blog, 2015. */
export function delayAfter(failures: number, { baseMs, capMs }: Backoff): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return randomInt(Math.max(1, Math.ceil(ceiling) + 1));
}
