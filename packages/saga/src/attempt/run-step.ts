import { isTransient } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import { pipelined } from "@kontor/postgres";
import type { SagaFailure } from "../definition/definition.ts";
import type { Outcome } from "../definition/outcome.ts";
import { describeError, isDefinite, sagaErrors } from "../errors.ts";
import { ended, retries } from "../metrics.ts";
import { delayAfter } from "../settings.ts";
import type { SagaRow } from "../store/queue.ts";
import { FenceLost } from "../store/transition.ts";
import { type Attempt, type AttemptEnd, isRevocable, park, retryAfter, save } from "./attempt.ts";
import { Abandoned, perform } from "./perform.ts";

/** Runs the step whose intent is stored, and stores its outcome together with the intent of the next. */
export async function runStep<S>(attempt: Attempt<S>): Promise<SagaRow> {
  const { deps, row, step } = attempt;
  try {
    const outcome = await perform(
      attempt,
      (ctx) => step.run(structuredClone(row.state), deps.services, ctx),
      (outcome) => outcome?.kind ?? "next",
    );
    failpoint(`saga.after-run.${step.name}`);
    return await settle(attempt, outcome ?? { kind: "next" });
  } catch (error) {
    if (error instanceof FenceLost || error instanceof Abandoned) throw error;
    return await failed(attempt, error);
  }
}

function settle<S>(attempt: Attempt<S>, outcome: Outcome<object>): Promise<SagaRow> {
  switch (outcome.kind) {
    case "next":
      return complete(attempt, merge(attempt, outcome.patch));
    case "wait":
      return save(attempt, {
        phase: "running",
        state: merge(attempt, outcome.patch),
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

async function complete<S>(attempt: Attempt<S>, state: object): Promise<SagaRow> {
  const { deps, saga, row, step } = attempt;
  const last = row.step + 1 === saga.steps.length;
  const end: AttemptEnd = {
    phase: last ? "completed" : "running",
    step: last ? row.step : row.step + 1,
    state,
    revocable: isRevocable(attempt),
    outcome: "done",
  };
  if (step.record === undefined && !last) return save(attempt, end);
  const stored = await deps.db.transaction(async (tx) => {
    const [stored] = await pipelined([save(attempt, end, tx), step.record?.(tx, state)]);
    if (stored.phase === "completed") await saga.onCompleted?.(tx, state, row.id);
    return stored;
  });
  if (stored.phase === "completed") ended.inc({ saga: saga.name, phase: "completed" });
  return stored;
}

function failed<S>(attempt: Attempt<S>, error: unknown): Promise<SagaRow> {
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

function compensate<S>(attempt: Attempt<S>, failure: SagaFailure, revocable: boolean, error: string): Promise<SagaRow> {
  return revocable ? save(attempt, { phase: "compensating", failure, error, outcome: "failed" }) : park(attempt, error);
}

/** Returns the state as PostgreSQL will return it, so that a resumed saga reads the same values. */
function merge<S>({ saga, row }: Attempt<S>, patch: object | undefined): object {
  if (patch === undefined) return row.state;
  try {
    return JSON.parse(JSON.stringify({ ...row.state, ...patch }));
  } catch (cause) {
    throw sagaErrors.SAGA_STATE_NOT_JSON({ saga: saga.name }, { cause });
  }
}
