import { extractTrace, runInContext } from "@kontor/telemetry";
import type { Saga, Step } from "./definition.ts";
import type { SagaRow } from "./row.ts";
import { runStep } from "./run-step.ts";
import { isRevocable, type Kit } from "./turn.ts";
import { undoable, undoStep } from "./undo-step.ts";

/** Takes a claimed saga one step forward or back in the trace that began it, and answers with the row as stored. */
export function advance<S>(kit: Kit<S>, saga: Saga<S>, row: SagaRow): Promise<SagaRow> {
  const begunIn = extractTrace(row.traceparent === null ? {} : { traceparent: row.traceparent });
  return runInContext(begunIn, () => turn(kit, saga, row));
}

function turn<S>(kit: Kit<S>, saga: Saga<S>, row: SagaRow): Promise<SagaRow> {
  const asked = isRevocable({ saga, row }) && (row.abort_reason !== null || row.overdue === true);
  if (row.phase !== "compensating" && !asked) {
    return runStep({ kit, saga, row, step: stepAt(saga, row.step), action: "run" });
  }
  // An intent found turned round has counted attempts to run, not to undo.
  const turned = row.phase === "compensating" ? row : { ...row, attempts: 0 };
  const step = stepAt(saga, Math.max(undoable(saga, row.step), 0));
  return undoStep({ kit, saga, row: turned, step, action: "undo" });
}

function stepAt<S>(saga: Saga<S>, index: number): Step<object, S> {
  const step = saga.steps[index];
  if (step === undefined) {
    throw new Error(`Saga ${saga.name} has no step ${index}: a saga whose steps change needs a new name.`);
  }
  return step;
}
