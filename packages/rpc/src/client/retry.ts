import { setTimeout as pause } from "node:timers/promises";
import { isKontorError } from "@kontor/errors";
import { rpcErrors } from "../rpc-errors.ts";
import { abortError, isUnsent } from "./failure.ts";
import type { RetryBudget } from "./retry-budget.ts";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** Refused on our own side, and tried often enough by the callee. */
const HOPELESS: ReadonlySet<string> = new Set([
  rpcErrors.CIRCUIT_OPEN.reason,
  rpcErrors.DEPENDENCY_UNAVAILABLE.reason,
  rpcErrors.CREDENTIAL_REFUSED.reason,
]);

/** How far a call may be repeated. */
export interface RetryTerms {
  /** Whether it does no harm done twice. */
  readonly repeatable: boolean;
  readonly budget: RetryBudget;
  readonly deadline: Date;
  readonly signal: AbortSignal | undefined;
}

/**
 * Tries a call that may safely be repeated up to 3 times while the callee is UNAVAILABLE, with full jitter between
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), within the budget and the deadline.
 * Any call is repeated that no server has begun to work on, the first time at no cost to the budget: its replica goes away, others
 * stay. If the next one was not there either, more is wrong than that.
 * A callee that says when to come back (RetryInfo) is not asked before, and not at all if that is after the deadline.
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { repeatable, budget, deadline, signal }: RetryTerms,
): Promise<T> {
  let free = true;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === ATTEMPTS || !isKontorError(error) || error.code !== "UNAVAILABLE") throw error;
      if (HOPELESS.has(error.reason) || signal?.aborted) throw error;
      const unsent = isUnsent(error);
      if (!repeatable && !unsent) throw error;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      const wait = (error.retryAfterMs ?? 0) + Math.random() * longest;
      if (Date.now() + wait >= deadline.getTime() || !((unsent && free) || budget.withdraw())) throw error;
      if (unsent) free = false;
      await pause(wait, undefined, signal && { signal }).catch((cause) => {
        throw signal ? abortError(signal) : cause;
      });
    }
  }
}
