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

/** Age at which a reading of the line is replaced. */
const FRESH_MS = 100;
/** Age up to which a reading is used while it is replaced. After a pause, the line is read before an order is decided. */
const USABLE_MS = 2_000;
/** This number of orders may wait at any rate: after a pause the rate is not known yet, and fifty simultaneous orders are no overload. */
const ALWAYS_ADMITTED = 64;
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

/**
 * Creates an admission. It admits new orders while the oldest checkout has waited less than `maxWaitMs`. A new checkout must
 * also be likely to start within that time, at the rate of the last seconds. Orders that this process is placing count as waiting, so that a
 * burst is stopped before the age of the oldest shows it. Under load the decision does not wait for the database.
 */
export function createAdmission({ backlog, maxWaitMs, now }: AdmissionOptions): Admission {
  let reading: Promise<Backlog> | undefined;
  let last: { readonly line: Backlog; readonly at: number } | undefined;
  let placing = 0;

  /** Returns the last reading and replaces it meanwhile, one reading at a time, or waits for the next if it is too old. */
  function read(): Backlog | Promise<Backlog> {
    const age = last === undefined ? Number.POSITIVE_INFINITY : now() - last.at;
    if (last !== undefined && age < FRESH_MS) return last.line;
    reading ??= refresh();
    if (last === undefined || age >= USABLE_MS) return reading;
    reading.catch(() => undefined); // The next order reads again.
    return last.line;
  }

  async function refresh(): Promise<Backlog> {
    try {
      const line = await backlog();
      last = { line, at: now() };
      return line;
    } finally {
      reading = undefined;
    }
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
