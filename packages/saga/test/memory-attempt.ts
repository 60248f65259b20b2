import { isTransient } from "@kontor/errors";
import type { MemoryDatabase, MemoryTx } from "@kontor/testing/memory-database";
import type { Saga, SagaFailure, Step, StepContext } from "../src/definition/definition.ts";
import type { Outcome } from "../src/definition/outcome.ts";
import { describeError, isDefinite } from "../src/errors.ts";
import { defaults, type SagaSettings } from "../src/settings.ts";
import { afterAttempt, isRevoked, keyOf, type MemoryEnd, type MemorySaga, type Sagas } from "./memory-rows.ts";

/** The dependencies of attempts in memory. */
export interface AttemptDeps<Services> {
  readonly db: MemoryDatabase;
  readonly rows: Sagas;
  readonly services: Services;
  readonly now: () => Date;
  readonly settings: Partial<SagaSettings>;
}

/** Runs or undoes one step of a saga that is due, and stores the end of the attempt with the step's records. */
export async function attempt<S>(deps: AttemptDeps<S>, saga: Saga<S>, row: MemorySaga): Promise<void> {
  const { db, rows, services, now } = deps;
  const settings = { ...defaults, ...deps.settings };
  const revocable = row.step < saga.pivotIndex;
  const revoked = row.phase === "running" && revocable && isRevoked(row, now().getTime());
  const undoing = row.phase === "compensating" || revoked;
  const attempts = revoked ? 0 : row.attempts;
  const index = undoing ? Math.max(undoable(saga, row.step), 0) : row.step;
  const step = saga.steps[index];
  if (step === undefined) throw new Error(`Saga ${saga.name} has no step ${index}.`);

  await (undoing ? undo(step, failureOf()) : run(step));

  function store(end: MemoryEnd, more?: (tx: MemoryTx) => Promise<unknown>): Promise<void> {
    return db.transaction(async (tx) => {
      const key = keyOf(row.name, row.id);
      const current = rows.rows(tx).get(key) ?? row;
      rows.rows(tx).set(key, { ...afterAttempt(current, end, now().getTime()), since: now() });
      await more?.(tx);
    });
  }

  async function run(step: Step<object, S>): Promise<void> {
    try {
      const outcome = (await step.run(structuredClone(row.state), services, contextOf(step))) ?? { kind: "next" };
      await settle(step, outcome);
    } catch (error) {
      await failed(step, error);
    }
  }

  function settle(step: Step<object, S>, outcome: Outcome<object>): Promise<void> {
    if (outcome.kind === "fail") {
      const { reason, message } = outcome;
      const failure = { reason, message, step: step.name };
      return compensate(failure, row.step <= saga.pivotIndex, `${reason}: ${message}`);
    }
    const state: object = JSON.parse(JSON.stringify({ ...row.state, ...outcome.patch }));
    if (outcome.kind === "wait") {
      const { until } = outcome;
      const sleepUntil = typeof until === "number" ? now().getTime() + until : until.getTime();
      return store({ phase: "running", state, revocable, sleepUntil, waitUntil: sleepUntil });
    }
    const last = row.step + 1 === saga.steps.length;
    const end: MemoryEnd = last ? { phase: "completed" } : { phase: "running", step: row.step + 1 };
    return store({ ...end, state, revocable: revocable && !last }, async (tx) => {
      await step.record?.(tx, state);
      if (last) await saga.onCompleted?.(tx, state, row.id);
    });
  }

  function failed(step: Step<object, S>, error: unknown): Promise<void> {
    const text = describeError(error);
    if (isDefinite(error)) {
      const { reason, message } = error;
      return compensate({ reason, message, step: step.name }, revocable, text);
    }
    const endless = !revocable || row.deadlineAt === undefined;
    if (endless && attempts + 1 >= settings.maxRunAttempts && !isTransient(error)) return park("running", text);
    return store({
      phase: "running",
      attempts: attempts + 1,
      revocable,
      sleepUntil: later(settings.retry),
      error: text,
    });
  }

  async function undo(step: Step<object, S>, failure: SagaFailure): Promise<void> {
    try {
      await step.undo?.(structuredClone(row.state), services, contextOf(step, failure));
      const rest = undoable(saga, index - 1);
      if (rest >= 0) return await store({ phase: "compensating", step: rest, failure });
      await store({ phase: "compensated", step: 0, failure }, async (tx) => {
        await saga.onCompensated?.(tx, row.state, failure, row.id);
      });
    } catch (error) {
      const text = describeError(error);
      if (attempts + 1 >= settings.maxUndoAttempts && !isTransient(error)) return park("compensating", text, failure);
      const sleepUntil = later(settings.undoRetry);
      await store({ phase: "compensating", step: index, attempts: attempts + 1, sleepUntil, failure, error: text });
    }
  }

  function compensate(failure: SagaFailure, allowed: boolean, error: string): Promise<void> {
    return allowed ? store({ phase: "compensating", failure, error }) : park("running", error);
  }

  function park(resumePhase: "running" | "compensating", error: string, failure = row.failure): Promise<void> {
    return store({ phase: "parked", resumePhase, step: index, attempts, error, failure });
  }

  /** Returns when an attempt is repeated: the ceiling of the backoff, so that tests know it. */
  function later({ baseMs, capMs }: SagaSettings["retry"]): number {
    return now().getTime() + Math.min(capMs, baseMs * 2 ** attempts);
  }

  function failureOf(): SagaFailure {
    if (row.failure !== undefined) return row.failure;
    const name = saga.steps[row.step]?.name ?? "";
    return row.abortReason !== undefined
      ? { reason: row.abortReason, message: "Compensation was requested.", step: name }
      : { reason: "DEADLINE_EXCEEDED", message: "The saga did not reach its pivot in time.", step: name };
  }

  function contextOf({ name }: Step<object, S>, failure?: SagaFailure): StepContext {
    return {
      sagaId: row.id,
      step: name,
      key: `${row.id}:${name}`,
      attempt: attempts + 1,
      waitExpired: row.waitUntil !== undefined && row.waitUntil <= now().getTime(),
      deadline: row.deadlineAt === undefined ? undefined : new Date(row.deadlineAt),
      failure,
      signal: new AbortController().signal,
    };
  }
}

function undoable<S>(saga: Saga<S>, index: number): number {
  return saga.steps.findLastIndex((step, i) => i <= index && step.undo !== undefined);
}
