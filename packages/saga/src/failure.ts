import type { Saga, SagaFailure } from "./definition.ts";
import type { SagaRow } from "./row.ts";

/** Returns why a saga compensates: the stored failure, or else the abort or the deadline that this attempt found. */
export function failureOf<S>(saga: Saga<S>, row: SagaRow): SagaFailure {
  if (row.failure !== null) return row.failure;
  const step = saga.steps[row.step]?.name ?? "";
  if (row.abort_reason !== null) {
    return { reason: row.abort_reason, message: "Compensation was requested.", step };
  }
  return { reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time.", step };
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Returns the time that the callee named for the next attempt, in milliseconds, an hour at most; 0 without one. */
export function retryAfter(error: unknown): number {
  if (!(error instanceof Error) || !("retryAfterMs" in error) || !Number.isFinite(error.retryAfterMs)) return 0;
  return Math.min(Number(error.retryAfterMs), LONGEST_RETRY_AFTER_MS);
}
