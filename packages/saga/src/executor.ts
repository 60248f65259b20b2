import { failpoint } from "@kontor/failpoint";
import type { Database, Sql } from "@kontor/postgres";
import { extractTrace, type Logger, withSpan } from "@kontor/telemetry";
import { Abandoned, attempt } from "./attempt.ts";
import type { Saga, SagaFailure, Step, StepContext } from "./definition.ts";
import { describeError, isDefinite, sagaErrors } from "./errors.ts";
import { ended, retries, stepSeconds } from "./metrics.ts";
import type { Outcome } from "./outcome.ts";
import type { SagaRow } from "./row.ts";
import { delayAfter, type SagaSettings } from "./settings.ts";
import { FenceLost, store, type Transition } from "./transition.ts";

type Action = "run" | "undo";

/** What an executor needs. */
export interface ExecutorOptions<Services> {
  readonly db: Database;
  readonly log: Logger;
  readonly services: Services;
  readonly settings: SagaSettings;
  /** Aborted when the process gives up on the steps in flight. */
  readonly giveUp: AbortSignal;
}

/** Answers with what runs the next attempt of a claimed saga, stores it, and returns the row as stored. */
export function createExecutor<Services>({ db, log, services, settings, giveUp }: ExecutorOptions<Services>) {
  const timeoutOf = (step: Step<object, Services>) => step.timeoutMs ?? settings.stepTimeoutMs;

  const leaseOf = (saga: Saga<Services>) => Math.max(...saga.steps.map(timeoutOf)) + settings.leaseMarginMs;

  const save = (sql: Sql, saga: Saga<Services>, row: SagaRow, to: Transition) => store(sql, row, to, leaseOf(saga));

  async function timed<T>(
    saga: Saga<Services>,
    row: SagaRow,
    action: Action,
    step: Step<object, Services>,
    work: (ctx: StepContext) => Promise<T>,
    outcomeOf: (answer: T) => string,
  ): Promise<T> {
    const labels = { saga: saga.name, step: step.name, action };
    const started = performance.now();
    let outcome = "error";
    try {
      const answer = await withSpan(
        `saga ${saga.name} ${action} ${step.name}`,
        {
          parent: extractTrace(row.traceparent === null ? {} : { traceparent: row.traceparent }),
          attributes: { "kontor.saga.id": row.id, "kontor.saga.attempt": row.attempts + 1 },
        },
        () =>
          attempt({ step: step.name, timeoutMs: timeoutOf(step), giveUp }, (signal) =>
            work(contextOf(saga, row, step, action, signal)),
          ),
      );
      outcome = outcomeOf(answer);
      return answer;
    } finally {
      stepSeconds.observe({ ...labels, outcome }, (performance.now() - started) / 1000);
    }
  }

  async function runStep(saga: Saga<Services>, row: SagaRow): Promise<SagaRow> {
    const step = stepAt(saga, row.step);
    try {
      const answer = await timed(
        saga,
        row,
        "run",
        step,
        (ctx) => step.run(structuredClone(row.state), services, ctx),
        (outcome) => outcome?.kind ?? "next",
      );
      failpoint(`saga.after-run.${step.name}`);
      return await settle(saga, row, step, answer ?? { kind: "next" });
    } catch (error) {
      return await stepFailed(saga, row, step, error);
    }
  }

  function settle(saga: Saga<Services>, row: SagaRow, step: Step<object, Services>, outcome: Outcome<object>) {
    const mayTurn = row.step < saga.pivotIndex;
    const base = { phase: "running", step: row.step, attempts: 0, mayTurn } as const;
    switch (outcome.kind) {
      case "fail":
        return refused(saga, row, step, { ...outcome, step: step.name }, row.step <= saga.pivotIndex);
      case "wait":
        return save(db, saga, row, {
          ...base,
          state: merge(saga, row.state, outcome.patch),
          sleep: outcome.until,
          waitReason: outcome.reason,
          log: { step: step.name, action: "run", outcome: "wait" },
        });
      case "next":
        return complete(saga, row, step, merge(saga, row.state, outcome.patch));
    }
  }

  async function complete(saga: Saga<Services>, row: SagaRow, step: Step<object, Services>, state: object) {
    const last = row.step + 1 === saga.steps.length;
    const to: Transition = {
      phase: last ? "completed" : "running",
      step: last ? row.step : row.step + 1,
      attempts: 0,
      state,
      mayTurn: row.step < saga.pivotIndex,
      log: { step: step.name, action: "run", outcome: "done" },
    };
    if (step.record === undefined && !last) return save(db, saga, row, to);
    const stored = await db.transaction(async (tx) => {
      const stored = await save(tx, saga, row, to);
      await step.record?.(tx, state);
      if (stored.phase === "completed") await saga.onCompleted?.(tx, state, row.id);
      return stored;
    });
    if (stored.phase === "completed") ended.inc({ saga: saga.name, phase: "completed" });
    return stored;
  }

  async function stepFailed(saga: Saga<Services>, row: SagaRow, step: Step<object, Services>, error: unknown) {
    if (error instanceof FenceLost || error instanceof Abandoned) throw error;
    const attempts = row.attempts + 1;
    const revocable = row.step < saga.pivotIndex;
    log.warn({ err: error, saga: saga.name, sagaId: row.id, step: step.name, attempts }, "saga step failed");
    if (isDefinite(error)) {
      return refused(
        saga,
        row,
        step,
        { reason: error.reason, message: error.message, step: step.name },
        revocable,
        error,
      );
    }
    if (revocable && attempts >= (step.maxAttempts ?? settings.maxAttempts)) {
      const message = `Gave up after ${attempts} attempts. ${describeError(error)}`;
      return refused(saga, row, step, { reason: reasonOf(error), message, step: step.name }, true, error);
    }
    retries.inc({ saga: saga.name, step: step.name, action: "run" });
    return save(db, saga, row, {
      phase: "running",
      step: row.step,
      attempts,
      mayTurn: revocable,
      sleep: Math.max(delayAfter(attempts, settings.retry), retryAfter(error)),
      error: describeError(error),
      log: { step: step.name, action: "run", outcome: "retry" },
    });
  }

  function refused(
    saga: Saga<Services>,
    row: SagaRow,
    step: Step<object, Services>,
    failure: SagaFailure,
    revocable: boolean,
    error?: unknown,
  ) {
    const facts = { step: row.step, attempts: 0, mayTurn: false, error: describeError(error ?? failure.message) };
    if (!revocable) return park(saga, row, step, "run", facts.error);
    return save(db, saga, row, {
      ...facts,
      phase: "compensating",
      failure: { reason: failure.reason, message: failure.message, step: failure.step },
      log: { step: step.name, action: "run", outcome: "failed" },
    });
  }

  async function undoStep(saga: Saga<Services>, row: SagaRow): Promise<SagaRow> {
    const failure = failureOf(saga, row);
    const index = undoable(saga, row.step);
    const step = stepAt(saga, Math.max(index, 0));
    try {
      if (index >= 0) {
        const undoing = { ...row, failure };
        const work = async (ctx: StepContext) => step.undo?.(structuredClone(row.state), services, ctx);
        await timed(saga, undoing, "undo", step, work, () => "done");
        failpoint(`saga.after-undo.${step.name}`);
      }
      return await undone(saga, row, step, failure, undoable(saga, index - 1));
    } catch (error) {
      return await undoFailed(saga, row, step, failure, error);
    }
  }

  async function undone(
    saga: Saga<Services>,
    row: SagaRow,
    step: Step<object, Services>,
    failure: SagaFailure,
    rest: number,
  ): Promise<SagaRow> {
    const to = {
      attempts: 0,
      mayTurn: false,
      failure,
      log: { step: step.name, action: "undo", outcome: "done" },
    } as const;
    if (rest >= 0) return save(db, saga, row, { ...to, phase: "compensating", step: rest });
    const stored = await db.transaction(async (tx) => {
      const stored = await save(tx, saga, row, { ...to, phase: "compensated", step: 0 });
      await saga.onCompensated?.(tx, row.state, failure, row.id);
      return stored;
    });
    ended.inc({ saga: saga.name, phase: "compensated" });
    return stored;
  }

  async function undoFailed(
    saga: Saga<Services>,
    row: SagaRow,
    step: Step<object, Services>,
    failure: SagaFailure,
    error: unknown,
  ) {
    if (error instanceof FenceLost || error instanceof Abandoned) throw error;
    const attempts = row.attempts + 1;
    log.warn({ err: error, saga: saga.name, sagaId: row.id, step: step.name, attempts }, "saga undo failed");
    if (attempts >= settings.maxUndoAttempts) return park(saga, row, step, "undo", describeError(error), failure);
    retries.inc({ saga: saga.name, step: step.name, action: "undo" });
    return save(db, saga, row, {
      phase: "compensating",
      step: row.step,
      attempts,
      mayTurn: false,
      sleep: Math.max(delayAfter(attempts, settings.undoRetry), retryAfter(error)),
      failure,
      error: describeError(error),
      log: { step: step.name, action: "undo", outcome: "retry" },
    });
  }

  function park(
    saga: Saga<Services>,
    row: SagaRow,
    step: Step<object, Services>,
    action: Action,
    error: string,
    failure?: SagaFailure,
  ) {
    log.error(
      { saga: saga.name, sagaId: row.id, step: step.name, action, error },
      "saga parked, an operator is needed",
    );
    return save(db, saga, row, {
      phase: "parked",
      resumePhase: action === "undo" ? "compensating" : "running",
      step: row.step,
      attempts: row.attempts,
      mayTurn: false,
      error,
      ...(failure && { failure }),
      log: { step: step.name, action, outcome: "parked" },
    });
  }

  return {
    leaseOf,
    advance: (saga: Saga<Services>, row: SagaRow): Promise<SagaRow> =>
      row.phase === "compensating" || mustTurn(saga, row) ? undoStep(saga, row) : runStep(saga, row),
  };
}

function mustTurn<S>(saga: Saga<S>, row: SagaRow): boolean {
  return row.step < saga.pivotIndex && (row.abort_reason !== null || row.overdue === true);
}

function stepAt<S>(saga: Saga<S>, index: number): Step<object, S> {
  const step = saga.steps[index];
  if (step === undefined)
    throw new Error(`Saga ${saga.name} has no step ${index}; rename a saga when its steps change.`);
  return step;
}

/** The nearest step at or below `index` that can be undone, or -1. */
function undoable<S>(saga: Saga<S>, index: number): number {
  return saga.steps.findLastIndex((step, i) => i <= index && step.undo !== undefined);
}

function failureOf<S>(saga: Saga<S>, row: SagaRow): SagaFailure {
  if (row.failure !== null) return row.failure;
  const { name: step } = stepAt(saga, row.step);
  if (row.abort_reason !== null)
    return { reason: row.abort_reason, message: "The saga was asked to turn round.", step };
  return { reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time.", step };
}

function contextOf<S>(
  saga: Saga<S>,
  row: SagaRow,
  step: Step<object, S>,
  action: Action,
  signal: AbortSignal,
): StepContext {
  return {
    sagaId: row.id,
    step: step.name,
    key: `${row.id}:${step.name}`,
    attempt: row.attempts + 1,
    waitExpired: row.wait_expired === true,
    deadline: row.deadline_at ?? undefined,
    failure: action === "undo" ? failureOf(saga, row) : undefined,
    signal,
  };
}

/** The state as it will be read back, so that a resumed saga sees what this one saw. */
function merge<S>(saga: Saga<S>, state: object, patch: object | undefined): object {
  if (patch === undefined) return state;
  try {
    return JSON.parse(JSON.stringify({ ...state, ...patch }));
  } catch (cause) {
    throw sagaErrors.SAGA_STATE_NOT_JSON({ saga: saga.name }, { cause });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "reason" in error && typeof error.reason === "string" ? error.reason : "UNAVAILABLE";
}

function retryAfter(error: unknown): number {
  return error instanceof Error && "retryAfterMs" in error && typeof error.retryAfterMs === "number"
    ? error.retryAfterMs
    : 0;
}
