import type { Database, Sql } from "@kontor/postgres";
import type { Logger } from "@kontor/telemetry";
import type { Saga, SagaFailure, Step } from "./definition.ts";
import type { SagaRow } from "./row.ts";
import type { SagaSettings } from "./settings.ts";
import { type Lease, store, type Transition } from "./transition.ts";

/** What every attempt needs. */
export interface Kit<Services> {
  readonly db: Database;
  readonly log: Logger;
  readonly services: Services;
  readonly settings: SagaSettings;
  /** Aborted when the process gives up on the steps in flight. */
  readonly giveUp: AbortSignal;
}

/** One turn of a saga: the step that is run or undone, and the row it is stored in afterwards. */
export interface Turn<Services> {
  readonly kit: Kit<Services>;
  readonly saga: Saga<Services>;
  readonly row: SagaRow;
  readonly step: Step<object, Services>;
  readonly action: "run" | "undo";
}

/** Time for one attempt of a step. */
export function timeoutOf<S>({ settings }: Kit<S>, step: Step<object, S>): number {
  return step.timeoutMs ?? settings.stepTimeoutMs;
}

/** A lease covers any attempt of a saga and half its margin when an attempt begins. */
export function leaseOf<S>(kit: Kit<S>, saga: Saga<S>): Lease {
  const attemptMs = Math.max(...saga.steps.map((step) => timeoutOf(kit, step)));
  const { leaseMarginMs } = kit.settings;
  return { ms: attemptMs + leaseMarginMs, enoughMs: attemptMs + leaseMarginMs / 2 };
}

/** What a turn may leave out when it is stored: it stays at its step and cannot be turned round. */
export type TurnEnd = Pick<Transition, "phase"> & Partial<Omit<Transition, "log">> & { readonly outcome: string };

/** Stores how a turn ended and what comes next. */
export function save<S>(turn: Turn<S>, end: TurnEnd, sql: Sql = turn.kit.db): Promise<SagaRow> {
  const { kit, saga, row, step, action } = turn;
  const { outcome, ...given } = end;
  const log = { step: step.name, action, outcome };
  return store(sql, row, { step: row.step, attempts: 0, mayTurn: false, ...given, log }, leaseOf(kit, saga));
}

/** Stops a saga until an operator resumes it. */
export function park<S>(turn: Turn<S>, error: string, failure?: SagaFailure): Promise<SagaRow> {
  const { kit, saga, row, step, action } = turn;
  const facts = { saga: saga.name, sagaId: row.id, step: step.name, action, error };
  kit.log.error(facts, "saga parked, an operator is needed");
  return save(turn, {
    phase: "parked",
    resumePhase: action === "undo" ? "compensating" : "running",
    attempts: row.attempts,
    error,
    ...(failure && { failure }),
    outcome: "parked",
  });
}

/** Whether a saga can still be turned round by an abort or its deadline. */
export function isRevocable<S>({ saga, row }: Pick<Turn<S>, "saga" | "row">): boolean {
  return row.step < saga.pivotIndex;
}
