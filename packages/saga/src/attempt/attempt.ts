import { isKontorError } from "@kontor/errors";
import { type Database, pipelined, postgresErrors } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { Saga, SagaFailure, Step } from "../definition/definition.ts";
import type { SagaSettings } from "../settings.ts";
import type { Recording, StoreTransition } from "../store/store-transitions.ts";
import type { Lease, Transition } from "../store/transition.ts";
import type { GiveUp } from "./give-up.ts";
import { type HeldSaga, heldSaga, reached } from "./held-saga.ts";

/** The dependencies of every attempt. */
export interface SagaDeps<Services> {
  readonly db: Database;
  readonly store: StoreTransition;
  readonly log: Logger;
  readonly services: Services;
  readonly settings: SagaSettings;
  /** Aborts when the process abandons the steps in flight. */
  readonly giveUp: GiveUp;
}

/** One attempt of a saga: the step that is run or undone, and the row that stores its end. */
export interface Attempt<Services> {
  readonly deps: SagaDeps<Services>;
  readonly saga: Saga<Services>;
  readonly row: HeldSaga;
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

/**
 * Stores the end of an attempt and the intent of the next, with all that the steps before left to be stored. `record` runs in the
 * transaction of that.
 */
export async function save<S>(attempt: Attempt<S>, end: AttemptEnd, record?: Recording): Promise<HeldSaga> {
  const { deps, saga, row, step, action } = attempt;
  const { outcome, ...given } = end;
  const last = reached(saga, row);
  const compensates = end.phase === "compensating" || end.resumePhase === "compensating";
  const to: Transition = {
    ...{ step: compensates ? last : row.step, attempts: 0, revocable: false, reached: last },
    ...(row.state !== row.row.state && { state: row.state }),
    ...given,
    log: [...row.unstored.map(({ log }) => log), { step: step.name, action, outcome, error: end.error }],
  };
  const records = [...row.unstored.map((one) => one.record), record].filter((one) => one !== undefined);
  const leasedAt = performance.now();
  const stored = await deps.store({ row: row.row, to, lease: leaseOf(deps, saga) }, together(records));
  return heldSaga(stored, { isExact: last <= stored.step, leasedAt });
}

/** Returns a function that records all of these, in their order. Records of one place share its statements. */
function together(records: readonly Recording[]): Recording | undefined {
  if (records.length < 2) return records[0];
  return (tx, stored) => pipelined(records.map((record) => record(tx, stored)));
}

/** Stops a saga until an operator resumes it. */
export function park<S>(attempt: Attempt<S>, error: string, failure?: SagaFailure): Promise<HeldSaga> {
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

/** Returns whether the lease still covers the next step, when nothing is stored before it. */
export function coversNext<S>({ deps, saga, row }: Attempt<S>): boolean {
  const next = saga.steps[row.step + 1];
  if (next === undefined) return false;
  const slackMs = deps.settings.leaseMarginMs / 4;
  return performance.now() - row.leasedAt + timeoutOf(deps, next) + slackMs <= leaseOf(deps, saga).enoughMs;
}

/**
 * Returns whether the stored state is unknown after a failure: the database is unreachable, or the response to a COMMIT was lost. The saga
 * is claimed again and continues from its stored state.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return (
    isKontorError(error) && error.domain === postgresErrors.DATABASE_UNAVAILABLE.domain && error.code === "UNAVAILABLE"
  );
}

/** Returns why a saga compensates: the stored failure, or else the abort or the deadline that this attempt found. */
export function failureOf<S>(saga: Saga<S>, row: HeldSaga): SagaFailure {
  if (row.failure !== null) return row.failure;
  const step = saga.steps[row.step]?.name ?? "";
  if (row.abort_reason !== null) {
    return { reason: row.abort_reason, message: "Compensation was requested.", step };
  }
  return { reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time.", step };
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Returns the pause that the callee named for the next attempt, in milliseconds, limited to an hour; 0 without one. */
export function retryAfter(error: unknown): number {
  if (!(error instanceof Error) || !("retryAfterMs" in error) || !Number.isFinite(error.retryAfterMs)) return 0;
  return Math.min(Number(error.retryAfterMs), LONGEST_RETRY_AFTER_MS);
}
