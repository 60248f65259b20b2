import { setTimeout as pause } from "node:timers/promises";
import { isKontorError, type KontorError } from "@kontor/errors";
import { rpcErrors } from "../rpc-errors.ts";
import { abortError, isReset, isUnsent } from "./failure.ts";
import type { RetryBudget } from "./retry-budget.ts";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;
/** The callee has retried its own dependency often enough; a refused credential was renewed and refused again. */
const HOPELESS: ReadonlySet<string> = new Set([
  rpcErrors.DEPENDENCY_UNAVAILABLE.reason,
  rpcErrors.CREDENTIAL_REFUSED.reason,
]);
/** Refused on our own side. */
const REFUSED_HERE: ReadonlySet<string> = new Set([
  rpcErrors.CIRCUIT_OPEN.reason,
  rpcErrors.CALLEE_UNRESPONSIVE.reason,
]);

/** How far a call may be repeated. */
export interface RetryTerms {
  /** Whether it does no harm done twice. */
  readonly repeatable: boolean;
  /** Whether it is retried until the deadline instead of 3 times, also after resets and while the circuit is open. */
  readonly untilDeadline?: boolean;
  readonly budget: RetryBudget;
  readonly deadline: Date;
  readonly signal: AbortSignal | undefined;
}

/**
 * Tries a call that may safely be repeated up to 3 times while the callee is UNAVAILABLE, with full jitter between
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), within the budget and the deadline.
 * Any call is repeated that no server has begun to work on, the first time at no cost to the budget: its replica goes away, others
 * stay. If the next one was not there either, more is wrong than that.
 * A callee that says when to come back (RetryInfo) is not called before, and not at all if that is after the deadline.
 */
export async function retrying<T>(attempt: () => Promise<T>, terms: RetryTerms): Promise<T> {
  const { repeatable, budget, deadline, signal } = terms;
  const untilDeadline = repeatable && (terms.untilDeadline ?? false);
  let free = true;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isKontorError(error) || signal?.aborted || !mayHelp(error, untilDeadline)) throw error;
      if (tries === ATTEMPTS && !untilDeadline) throw error;
      const unsent = isUnsent(error);
      if (!repeatable && !unsent) throw error;
      // A call that the open circuit refused has not reached the callee: it costs nothing.
      const costsNothing = (unsent && free) || REFUSED_HERE.has(error.reason);
      if (unsent) free = false;
      let wait = (error.retryAfterMs ?? 0) + pauseBefore(tries);
      for (let paid = costsNothing; ; wait = pauseBefore(tries)) {
        if (Date.now() + wait >= deadline.getTime()) throw error;
        paid ||= budget.withdraw();
        if (!paid && !untilDeadline) throw error;
        await pause(wait, undefined, signal && { signal }).catch((cause) => {
          throw signal ? abortError(signal) : cause;
        });
        if (paid) break;
      }
    }
  }
}

function mayHelp(error: KontorError, untilDeadline: boolean): boolean {
  if (untilDeadline && isReset(error)) return true;
  if (error.code !== "UNAVAILABLE" || HOPELESS.has(error.reason)) return false;
  return untilDeadline || !REFUSED_HERE.has(error.reason);
}

function pauseBefore(tries: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
}
