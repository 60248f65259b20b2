import type { Database, Sql } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { Saga, SagaFailure, Step } from "../definition/definition.ts";
import type { SagaSettings } from "../settings.ts";
import type { SagaRow } from "../store/queue.ts";
import { type Lease, store, type Transition } from "../store/transition.ts";

/** The dependencies of every attempt. */
export interface SagaDeps<Services> {
  readonly db: Database;
  readonly log: Logger;
  readonly services: Services;
  readonly settings: SagaSettings;
  /** Aborted when the process abandons the steps in flight. */
  readonly giveUp: AbortSignal;
}

/** One attempt of a saga: the step that is run or undone, and the row that stores its end. */
export interface Attempt<Services> {
  readonly deps: SagaDeps<Services>;
  readonly saga: Saga<Services>;
  readonly row: SagaRow;
  readonly step: Step<object, Services>;
  readonly action: "run" | "undo";
}

/** Returns the time limit of one attempt of a step, in milliseconds. */
export function timeoutOf<S>({ settings }: SagaDeps<S>, step: Step<object, S>): number {
  return step.timeoutMs ?? settings.stepTimeoutMs;
}

/** Returns the lease of a saga: it covers its longest attempt, and half the margin when an attempt begins. */
export function leaseOf<S>(deps: SagaDeps<S>, saga: Saga<S>): Lease {
  const attemptMs = Math.max(...saga.steps.map((step) => timeoutOf(deps, step)));
  const { leaseMarginMs } = deps.settings;
  return { ms: attemptMs + leaseMarginMs, enoughMs: attemptMs + leaseMarginMs / 2 };
}

/** The end of an attempt. Without `step` the saga stays at its step; without `revocable` it cannot be revoked. */
export type AttemptEnd = Pick<Transition, "phase"> & Partial<Omit<Transition, "log">> & { readonly outcome: string };

/** Stores the end of an attempt and the intent of the next. */
export function save<S>(attempt: Attempt<S>, end: AttemptEnd, sql: Sql = attempt.deps.db): Promise<SagaRow> {
  const { deps, saga, row, step, action } = attempt;
  const { outcome, ...given } = end;
  const log = { step: step.name, action, outcome };
  return store(sql, row, { step: row.step, attempts: 0, revocable: false, ...given, log }, leaseOf(deps, saga));
}

/** Stops a saga until an operator resumes it. */
export function park<S>(attempt: Attempt<S>, error: string, failure?: SagaFailure): Promise<SagaRow> {
  const { deps, saga, row, step, action } = attempt;
  const facts = { saga: saga.name, sagaId: row.id, step: step.name, action, error };
  deps.log.error(facts, "saga parked");
  return save(attempt, {
    phase: "parked",
    resumePhase: action === "undo" ? "compensating" : "running",
    attempts: row.attempts,
    error,
    ...(failure && { failure }),
    outcome: "parked",
  });
}

/** Returns whether an abort or the deadline can still make a saga compensate. */
export function isRevocable<S>({ saga, row }: Pick<Attempt<S>, "saga" | "row">): boolean {
  return row.step < saga.pivotIndex;
}

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
