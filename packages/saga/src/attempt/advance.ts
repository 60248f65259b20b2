import { isTransient } from "@kontor/errors";
import type { Saga, Step } from "../definition/definition.ts";
import { describeError } from "../errors.ts";
import { FenceLost } from "../store/store-transitions.ts";
import { isRevocable, park, type SagaDeps } from "./attempt.ts";
import { type HeldSaga, reached, rewound } from "./held-saga.ts";
import { Abandoned } from "./perform.ts";
import { runStep } from "./run-step.ts";
import { undoable, undoStep } from "./undo-step.ts";

/**
 * Runs or undoes one step of a claimed saga. Resolves to the saga after it. A saga that cannot be attempted, or whose attempt cannot be
 * stored, for a reason that does not pass is parked.
 */
export async function advance<S>(deps: SagaDeps<S>, saga: Saga<S>, row: HeldSaga): Promise<HeldSaga> {
  try {
    return await attemptStep(deps, saga, row);
  } catch (error) {
    if (error instanceof FenceLost || error instanceof Abandoned || isTransient(error)) throw error;
    const before = rewound(row);
    const step = saga.steps[before.step] ?? { name: String(before.step), run: async () => {} };
    const action = row.phase === "compensating" ? "undo" : "run";
    return park({ deps, saga, row: before, step, action }, describeError(error));
  }
}

function attemptStep<S>(deps: SagaDeps<S>, saga: Saga<S>, row: HeldSaga): Promise<HeldSaga> {
  const revoked = isRevocable({ saga, row }) && (row.abort_reason !== null || row.overdue === true);
  if (row.phase !== "compensating" && !revoked) {
    return runStep({ deps, saga, row, step: stepAt(saga, row.step), action: "run" });
  }
  // A saga that begins to compensate has counted attempts to run, not to undo.
  const compensating = row.phase === "compensating" ? row : { ...row, attempts: 0 };
  const step = stepAt(saga, Math.max(undoable(saga, reached(saga, row)), 0));
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
