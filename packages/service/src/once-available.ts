import { setTimeout as delay } from "node:timers/promises";
import { isTransient } from "@kontor/errors";
import type { Logger } from "@kontor/telemetry";

/** The time that a starting process waits for its dependencies, and the log of that wait. */
export interface AvailabilityOptions {
  readonly withinMs: number;
  readonly log: Pick<Logger, "warn">;
}

const PAUSE_MS = 500;

/**
 * Repeats work while it fails temporarily: an external dependency is unreachable, overloaded or times out. Logs each failure.
 * Throws the work's last error once `withinMs` are over, and every other failure at once.
 */
export async function onceAvailable<T>(work: () => Promise<T>, { withinMs, log }: AvailabilityOptions): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await work();
    } catch (err) {
      const leftMs = Math.round(deadline - performance.now());
      if (leftMs <= 0 || !failsForNow(err)) throw err;
      log.warn({ err, attempts, leftMs }, "process start failed; retrying");
      await delay(Math.min(PAUSE_MS, leftMs));
    }
  }
}

/** Returns whether a start can succeed later. A migration that did not get a lock has that as its cause. */
function failsForNow(error: unknown): boolean {
  return isTransient(error) || (error instanceof Error && error.cause !== undefined && failsForNow(error.cause));
}
