import { setTimeout as pause } from "node:timers/promises";
import { status as Status } from "@grpc/grpc-js";
import { rpcErrors } from "../rpc-errors.ts";
import { CallFailure } from "./call-failure.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** How far a call may be repeated. */
export interface RetryTerms {
  /** The most attempts; 1 means no repetition, except of calls that no callee has begun to process. */
  readonly attempts: number;
  /** Whether it is retried until its deadline instead, also after resets and while circuits are open. Default: false. */
  readonly untilDeadline?: boolean;
  /** Whether a call that the callee refused for load is retried after the callee's pause. Default: false. */
  readonly afterOverload?: boolean;
  readonly budget: RetryBudget;
  /** In milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives each decision on a retry. */
  onRetry?(outcome: "made" | "over_budget"): void;
}

const UNSENT_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/** The callee has retried its own dependency often enough. */
const HOPELESS: ReadonlySet<string> = new Set([rpcErrors.CIRCUIT_OPEN.reason, rpcErrors.DEPENDENCY_UNAVAILABLE.reason]);

/**
 * Repeats a call while its callee is UNAVAILABLE, with full jitter between
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), within the budget and the deadline, and not
 * before the time that the callee named. A call that no callee has begun to process is repeated in any case, the first time at no
 * cost to the budget: one replica stopped and others remain. A second failure of that kind means more than one replica.
 */
export async function retrying<T>(attempt: (tries: number) => Promise<T>, terms: RetryTerms): Promise<T> {
  const { attempts, untilDeadline = false, budget, deadline, signal, onRetry } = terms;
  let free = true;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries);
    } catch (error) {
      if (!(error instanceof CallFailure) || signal?.aborted || !mayHelp(error, terms)) throw error;
      const most = error.unsent ? Math.max(attempts, UNSENT_ATTEMPTS) : attempts;
      if (tries >= most && !untilDeadline) throw error;
      // A call that the client itself refused has not reached the callee: its retry costs nothing.
      let paid = (error.unsent && free) || error.local !== undefined;
      if (error.unsent) free = false;
      let wait = (error.pushBackMs ?? 0) + pauseBefore(tries);
      do {
        if (Date.now() + wait >= deadline) throw error;
        paid ||= budget.withdraw();
        if (paid || !untilDeadline) onRetry?.(paid ? "made" : "over_budget");
        if (!paid && !untilDeadline) {
          error.overBudget = true;
          throw error;
        }
        await pause(wait, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
        wait = pauseBefore(tries);
      } while (!paid);
    }
  }
}

function mayHelp(error: CallFailure, { untilDeadline = false, afterOverload = false }: RetryTerms): boolean {
  if (untilDeadline && error.reset) return true;
  if (error.code !== Status.UNAVAILABLE || error.began || (error.pushBackMs ?? 0) < 0) return false;
  if (error.local !== undefined) return untilDeadline && error.local !== "shed";
  const { info } = error;
  if (info?.domain === rpcErrors.OVERLOADED.domain && HOPELESS.has(info.reason)) return false;
  return afterOverload || info?.reason !== rpcErrors.OVERLOADED.reason;
}

function pauseBefore(tries: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
}
