import { extractTrace, runInContext } from "@kontor/telemetry";
import { isRevocable, type SagaDeps } from "./attempt.ts";
import type { Saga, Step } from "./definition.ts";
import type { SagaRow } from "./row.ts";
import { runStep } from "./run-step.ts";
import { undoable, undoStep } from "./undo-step.ts";

/** Runs or undoes one step of a claimed saga in the trace that began it. Resolves to the row as stored. */
export function advance<S>(deps: SagaDeps<S>, saga: Saga<S>, row: SagaRow): Promise<SagaRow> {
  const begunIn = extractTrace(row.traceparent === null ? {} : { traceparent: row.traceparent });
  return runInContext(begunIn, () => attemptStep(deps, saga, row));
}

function attemptStep<S>(deps: SagaDeps<S>, saga: Saga<S>, row: SagaRow): Promise<SagaRow> {
  const revoked = isRevocable({ saga, row }) && (row.abort_reason !== null || row.overdue === true);
  if (row.phase !== "compensating" && !revoked) {
    return runStep({ deps, saga, row, step: stepAt(saga, row.step), action: "run" });
  }
  // A saga that begins to compensate has counted attempts to run, not to undo.
  const compensating = row.phase === "compensating" ? row : { ...row, attempts: 0 };
  const step = stepAt(saga, Math.max(undoable(saga, row.step), 0));
  return undoStep({ deps, saga, row: compensating, step, action: "undo" });
}

function stepAt<S>(saga: Saga<S>, index: number): Step<object, S> {
  const step = saga.steps[index];
  if (step === undefined) {
    throw new Error(`Saga ${saga.name} has no step ${index}: a saga whose steps change needs a new name.`);
  }
  return step;
}
