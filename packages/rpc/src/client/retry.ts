import { setTimeout as pause } from "node:timers/promises";
import { isKontorError } from "@kontor/errors";
import type { RetryBudget } from "./retry-budget.ts";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Tries a call that may safely be repeated up to 3 times while the callee is UNAVAILABLE, with full jitter between
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), within the budget and the deadline.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  budget: RetryBudget,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === ATTEMPTS || !isKontorError(error) || error.code !== "UNAVAILABLE") throw error;
      if (error.reason === "CIRCUIT_OPEN" || signal?.aborted) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      const wait = (error.retryAfterMs ?? 0) + Math.random() * longest;
      if (Date.now() + wait >= deadline || !budget.withdraw()) throw error;
      await pause(wait);
    }
  }
}
