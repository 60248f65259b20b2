import { isTransient } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import type { SagaFailure } from "../definition/definition.ts";
import type { Outcome } from "../definition/outcome.ts";
import { describeError, isDefinite, sagaErrors } from "../errors.ts";
import { ended, retries } from "../metrics.ts";
import { delayAfter } from "../settings.ts";
import { FenceLost, type Recording } from "../store/store-transitions.ts";
import { type Attempt, coversNext, isOutcomeUnknown, isRevocable, park, retryAfter, save } from "./attempt.ts";
import { type HeldSaga, rewound } from "./held-saga.ts";
import { Abandoned, perform } from "./perform.ts";

/** Runs the step whose intent is stored, and stores its outcome together with the intent of the next. */
export async function runStep<S>(attempt: Attempt<S>): Promise<HeldSaga> {
  const { deps, saga, row, step } = attempt;
  let isDone = false;
  try {
    const outcome = await perform(
      attempt,
      (ctx) => step.run(structuredClone(row.state), deps.services, ctx),
      (outcome) => outcome?.kind ?? "next",
    );
    failpoint(`saga.after-run.${step.name}`, deps.db.service);
    isDone = true;
    return await settle(attempt, outcome ?? { kind: "next" });
  } catch (error) {
    if (error instanceof FenceLost || error instanceof Abandoned || isOutcomeUnknown(error)) throw error;
    if (!isDone) return await failed(attempt, error);
    const before = rewound(row); // The steps ahead of the row could not be stored either.
    return await failed({ ...attempt, row: before, step: saga.steps[before.step] ?? step }, error);
  }
}

function settle<S>(attempt: Attempt<S>, outcome: Outcome<object>): Promise<HeldSaga> {
  switch (outcome.kind) {
    case "next":
      return complete(attempt, outcome.patch);
    case "wait":
      return save(attempt, {
        phase: "running",
        ...(outcome.patch && { state: merge(attempt, outcome.patch) }),
        revocable: isRevocable(attempt),
        sleep: outcome.until,
        waitReason: outcome.reason,
        outcome: "wait",
      });
    case "fail": {
      // A refused step had no effect; a refused pivot can still be compensated.
      const { saga, row, step } = attempt;
      const { reason, message } = outcome;
      return compensate(
        attempt,
        { reason, message, step: step.name },
        row.step <= saga.pivotIndex,
        `${reason}: ${message}`,
      );
    }
  }
}

async function complete<S>(attempt: Attempt<S>, patch: object | undefined): Promise<HeldSaga> {
  const { saga, row, step } = attempt;
  const last = row.step + 1 === saga.steps.length;
  const state = patch === undefined ? row.state : merge(attempt, patch);
  const record = recordingOf(attempt, state, last);
  if (step.storedWithNext && coversNext(attempt)) {
    const done = { log: { step: step.name, action: "run", outcome: "done" }, record } as const;
    return { ...row, step: row.step + 1, attempts: 0, state, unstored: [...row.unstored, done] };
  }
  const next = last ? row.step : row.step + 1;
  const end = { phase: last ? "completed" : "running", step: next, outcome: "done" } as const;
  const stored = await save(attempt, { ...end, revocable: isRevocable(attempt), ...(patch && { state }) }, record);
  if (stored.phase === "completed") ended.inc({ saga: saga.name, phase: "completed" });
  return stored;
}

/** Returns the records in the transaction of the step's completion: those of the step, and of the end of the saga. */
function recordingOf<S>({ saga, row, step }: Attempt<S>, state: object, last: boolean): Recording | undefined {
  const { record } = step;
  const { onCompleted } = saga;
  if (!last || onCompleted === undefined) return record && ((tx) => record(tx, state));
  return async (tx, stored) => {
    await record?.(tx, state);
    if (stored.phase === "completed") await onCompleted(tx, state, row.id);
  };
}

function failed<S>(attempt: Attempt<S>, error: unknown): Promise<HeldSaga> {
  const { deps, saga, row, step } = attempt;
  const attempts = row.attempts + 1;
  const revocable = isRevocable(attempt);
  deps.log.warn({ err: error, saga: saga.name, sagaId: row.id, step: step.name, attempts }, "saga step failed");
  if (isDefinite(error)) {
    const failure = { reason: error.reason, message: error.message, step: step.name };
    return compensate(attempt, failure, revocable, describeError(error));
  }
  const endless = !revocable || row.deadline_at === null;
  if (endless && attempts >= deps.settings.maxRunAttempts && !isTransient(error))
    return park(attempt, describeError(error));
  retries.inc({ saga: saga.name, step: step.name, action: "run" });
  return save(attempt, {
    phase: "running",
    attempts,
    revocable,
    sleep: Math.max(delayAfter(attempts, deps.settings.retry), retryAfter(error)),
    error: describeError(error),
    outcome: "retry",
  });
}

function compensate<S>(
  attempt: Attempt<S>,
  failure: SagaFailure,
  revocable: boolean,
  error: string,
): Promise<HeldSaga> {
  return revocable ? save(attempt, { phase: "compensating", failure, error, outcome: "failed" }) : park(attempt, error);
}

/** Returns the state as PostgreSQL will return it, so that a resumed saga reads the same values. */
function merge<S>({ saga, row }: Attempt<S>, patch: object): object {
  try {
    return JSON.parse(JSON.stringify({ ...row.state, ...patch }));
  } catch (cause) {
    throw sagaErrors.SAGA_STATE_NOT_JSON({ saga: saga.name }, { cause });
  }
}
