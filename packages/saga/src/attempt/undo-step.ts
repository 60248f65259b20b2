import { isTransient } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import type { Saga, SagaFailure } from "../definition/definition.ts";
import { describeError } from "../errors.ts";
import { ended, retries } from "../metrics.ts";
import { delayAfter } from "../settings.ts";
import { FenceLost } from "../store/store-transitions.ts";
import { type Attempt, failureOf, isOutcomeUnknown, park, retryAfter, save } from "./attempt.ts";
import type { HeldSaga } from "./held-saga.ts";
import { Abandoned, perform } from "./perform.ts";

/** Returns the nearest step at or below `index` that can be undone, or -1. */
export function undoable<S>(saga: Saga<S>, index: number): number {
  return saga.steps.findLastIndex((step, i) => i <= index && step.undo !== undefined);
}

/** Undoes one step, whether or not it is known to have happened, and stores which is next. */
export async function undoStep<S>(attempt: Attempt<S>): Promise<HeldSaga> {
  const { deps, saga, row, step } = attempt;
  const failure = failureOf(saga, row);
  try {
    if (step.undo !== undefined) {
      await perform(
        attempt,
        async (ctx) => step.undo?.(structuredClone(row.state), deps.services, ctx),
        () => "done",
      );
      failpoint(`saga.after-undo.${step.name}`, deps.db.service);
    }
    return await undone(attempt, failure);
  } catch (error) {
    if (error instanceof FenceLost || error instanceof Abandoned || isOutcomeUnknown(error)) throw error;
    return await failed(attempt, failure, error);
  }
}

async function undone<S>(attempt: Attempt<S>, failure: SagaFailure): Promise<HeldSaga> {
  const { saga, row, step } = attempt;
  const rest = undoable(saga, saga.steps.indexOf(step) - 1);
  if (rest >= 0) return save(attempt, { phase: "compensating", step: rest, failure, outcome: "done" });
  const { onCompensated } = saga;
  const stored = await save(
    attempt,
    { phase: "compensated", step: 0, failure, outcome: "done" },
    onCompensated && ((tx) => onCompensated(tx, row.state, failure, row.id)),
  );
  ended.inc({ saga: saga.name, phase: "compensated" });
  return stored;
}

function failed<S>(attempt: Attempt<S>, failure: SagaFailure, error: unknown): Promise<HeldSaga> {
  const { deps, saga, row, step } = attempt;
  const attempts = row.attempts + 1;
  deps.log.warn({ err: error, saga: saga.name, sagaId: row.id, step: step.name, attempts }, "saga undo failed");
  if (attempts >= deps.settings.maxUndoAttempts && !isTransient(error))
    return park(attempt, describeError(error), failure);
  retries.inc({ saga: saga.name, step: step.name, action: "undo" });
  return save(attempt, {
    phase: "compensating",
    attempts,
    sleep: Math.max(delayAfter(attempts, deps.settings.undoRetry), retryAfter(error)),
    failure,
    error: describeError(error),
    outcome: "retry",
  });
}
