import type { Backlog } from "@kontor/saga";
import { orderErrors } from "../domain/errors.ts";
import type { Admission } from "../ports.ts";

export type AdmissionOptions = {
  /** Reads the line of checkouts from the database, so that all replicas decide alike. */
  readonly backlog: () => Promise<Backlog>;
  /** Longest time that a checkout may wait for its next attempt. */
  readonly maxWaitMs: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
};

/** How long a reading of the line is used. */
const FRESH_MS = 100;
/** As many checkouts as an engine runs at once may wait whatever the rate: after a pause the rate is not known yet. */
const ALWAYS_ADMITTED = 32;
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/**
 * Admits new orders while the line of checkouts is short: while the oldest has waited less than `maxWaitMs`, and a new one can
 * expect to be attempted within that time at the rate of the last seconds. The expected wait stops a burst before the age of the
 * oldest shows it.
 */
export function createAdmission({ backlog, maxWaitMs, now }: AdmissionOptions): Admission {
  let reading: Promise<number> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;

  /** Resolves with the expected wait of a new checkout in milliseconds. One reading serves all calls of its time. */
  function wait(): Promise<number> {
    if (reading !== undefined && now() - readAt < FRESH_MS) return reading;
    readAt = now();
    const current = backlog().then(expectedWaitMs);
    current.catch(() => {
      if (reading === current) reading = undefined;
    });
    reading = current;
    return current;
  }

  return {
    async admit() {
      const waitMs = await wait();
      if (waitMs <= maxWaitMs) return;
      const untilHalf = waitMs - maxWaitMs / 2;
      throw orderErrors.OVERLOADED({
        retryAfterMs: Math.min(Math.max(untilHalf, SHORTEST_RETRY_MS), LONGEST_RETRY_MS),
      });
    },
  };
}

export function expectedWaitMs({ waiting, oldestMs, endedPerSecond }: Backlog): number {
  if (waiting <= ALWAYS_ADMITTED) return oldestMs;
  return Math.max(oldestMs, (waiting / endedPerSecond) * 1_000);
}
