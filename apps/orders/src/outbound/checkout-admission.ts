import type { Backlog } from "@kontor/saga";
import { counter } from "@kontor/telemetry";
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

const refused = counter(
  "kontor_orders_overloaded_total",
  "Orders that were refused because more arrived than were fulfilled.",
);

/** How long a reading of the line is used. */
const FRESH_MS = 100;
/**
 * As many orders may wait whatever the rate: after a pause the rate is not known yet, and fifty shoppers who press the button
 * together are no overload.
 */
const ALWAYS_ADMITTED = 64;
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/**
 * Admits new orders while the line of checkouts is short: while the oldest has waited less than `maxWaitMs`, and a new one can
 * expect to be attempted within that time at the rate of the last seconds. Orders that this process is placing count as waiting.
 * So a burst is stopped before the age of the oldest shows it.
 */
export function createAdmission({ backlog, maxWaitMs, now }: AdmissionOptions): Admission {
  let reading: Promise<Backlog> | undefined;
  let placing = 0;
  let staleAt = Number.NEGATIVE_INFINITY;

  /** One reading at a time serves all calls until it is stale, also while the database is slow. */
  function read(): Promise<Backlog> {
    if (reading !== undefined && now() < staleAt) return reading;
    staleAt = Number.POSITIVE_INFINITY;
    reading = backlog().then(
      (line) => {
        staleAt = now() + FRESH_MS;
        return line;
      },
      (error: unknown) => {
        staleAt = Number.NEGATIVE_INFINITY;
        throw error;
      },
    );
    return reading;
  }

  function enter(): () => void {
    let entered = true;
    placing += 1;
    return () => {
      if (entered) placing -= 1;
      entered = false;
    };
  }

  return {
    async admit() {
      const line = await read();
      const waitMs = expectedWaitMs({ ...line, waiting: line.waiting + placing });
      if (waitMs <= maxWaitMs) return enter();
      refused.inc();
      const untilHalf = waitMs - maxWaitMs / 2;
      throw orderErrors.OVERLOADED({
        retryAfterMs: Math.min(Math.max(untilHalf, SHORTEST_RETRY_MS), LONGEST_RETRY_MS),
      });
    },
  };
}

function expectedWaitMs({ waiting, oldestMs, endedPerSecond }: Backlog): number {
  if (waiting <= ALWAYS_ADMITTED) return oldestMs;
  return Math.max(oldestMs, (waiting / endedPerSecond) * 1_000);
}
