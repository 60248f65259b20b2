import { setTimeout as pause } from "node:timers/promises";
import type { RetryBudget } from "@kontor/rpc";
import { counter } from "@kontor/telemetry";
import { isWorthRetrying } from "./upstream-error.ts";

/** How far a call may be repeated. */
export interface RetryTerms {
  /** In all; 1 means once and never again, but for calls that no upstream has begun to work on. */
  readonly attempts: number;
  readonly budget: RetryBudget;
  /** In milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

const UNSENT_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

const retries = counter("kontor_gateway_retries_total", "Retries that were made, or refused by the budget.", [
  "outcome",
]);

/**
 * Repeats a call while its upstream is UNAVAILABLE, with full jitter between, within the budget and the deadline, and not
 * before the time that the upstream named. What no upstream has begun to work on is repeated in any case, the first time at no
 * cost to the budget: a replica went away, others stay. If the next one was not there either, more is wrong than that.
 */
export async function retrying<T>(
  attempt: (tries: number) => Promise<T>,
  { attempts, budget, deadline, signal }: RetryTerms,
): Promise<T> {
  let free = true;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (signal.aborted || !isWorthRetrying(error)) throw error;
      const most = error.unsent ? Math.max(attempts, UNSENT_ATTEMPTS) : attempts;
      if (tries >= most) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      const wait = (error.pushBackMs ?? 0) + Math.random() * longest;
      if (Date.now() + wait >= deadline) throw error;
      const allowed = (error.unsent && free) || budget.withdraw();
      if (error.unsent) free = false;
      retries.inc({ outcome: allowed ? "made" : "over_budget" });
      if (!allowed) {
        error.overBudget = true;
        throw error;
      }
      await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
