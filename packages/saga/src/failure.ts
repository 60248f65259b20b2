import type { Saga, SagaFailure } from "./definition.ts";
import type { SagaRow } from "./row.ts";

/** Why a saga turns round: what is stored, or else the abort or the deadline that this turn has found. */
export function failureOf<S>(saga: Saga<S>, row: SagaRow): SagaFailure {
  if (row.failure !== null) return row.failure;
  const step = saga.steps[row.step]?.name ?? "";
  if (row.abort_reason !== null) {
    return { reason: row.abort_reason, message: "The saga was asked to turn round.", step };
  }
  return { reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time.", step };
}

/** The public reason of an error that used up all attempts. */
export function reasonOf(error: unknown): string {
  const named = error instanceof Error && "reason" in error && typeof error.reason === "string";
  return named ? String(error.reason) : "UNAVAILABLE";
}

/** How long the callee asked to be left alone, in milliseconds. */
export function retryAfter(error: unknown): number {
  const asked = error instanceof Error && "retryAfterMs" in error && typeof error.retryAfterMs === "number";
  return asked ? Number(error.retryAfterMs) : 0;
}
