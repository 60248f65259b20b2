import { isTransient } from "@kontor/errors";
import { extractTrace, runInContext } from "@kontor/telemetry";
import type { Saga, Step } from "../definition/definition.ts";
import { describeError } from "../errors.ts";
import type { SagaRow } from "../store/queue.ts";
import { FenceLost } from "../store/transition.ts";
import { isRevocable, park, type SagaDeps } from "./attempt.ts";
import { Abandoned } from "./perform.ts";
import { runStep } from "./run-step.ts";
import { undoable, undoStep } from "./undo-step.ts";

/**
 * Runs or undoes one step of a claimed saga in the trace that began it. Resolves to the row as stored. A saga that cannot be
 * attempted, or whose attempt cannot be stored, for a reason that does not pass is parked.
 */
export function advance<S>(deps: SagaDeps<S>, saga: Saga<S>, row: SagaRow): Promise<SagaRow> {
  const begunIn = extractTrace(row.traceparent === null ? {} : { traceparent: row.traceparent });
  return runInContext(begunIn, async () => {
    try {
      return await attemptStep(deps, saga, row);
    } catch (error) {
      if (error instanceof FenceLost || error instanceof Abandoned || isTransient(error)) throw error;
      const step = saga.steps[row.step] ?? { name: String(row.step), run: async () => {} };
      const action = row.phase === "compensating" ? "undo" : "run";
      return park({ deps, saga, row, step, action }, describeError(error));
    }
  });
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
    throw new Error(
      `Version ${saga.version} of saga ${saga.name} has no step ${index}: give a saga whose steps change a new version.`,
    );
  }
  return step;
}
