import { failpoint } from "@kontor/failpoint";
import { pipelined } from "@kontor/postgres";
import { Abandoned } from "./attempt.ts";
import type { SagaFailure } from "./definition.ts";
import { describeError, isDefinite, sagaErrors } from "./errors.ts";
import { retryAfter } from "./failure.ts";
import { ended, retries } from "./metrics.ts";
import type { Outcome } from "./outcome.ts";
import { perform } from "./perform.ts";
import type { SagaRow } from "./row.ts";
import { delayAfter } from "./settings.ts";
import { FenceLost } from "./transition.ts";
import { isRevocable, park, save, type Turn, type TurnEnd } from "./turn.ts";

/** Runs the step whose intent is stored, and stores its outcome together with the intent of the next. */
export async function runStep<S>(turn: Turn<S>): Promise<SagaRow> {
  const { kit, row, step } = turn;
  try {
    const outcome = await perform(
      turn,
      (ctx) => step.run(structuredClone(row.state), kit.services, ctx),
      (answer) => answer?.kind ?? "next",
    );
    failpoint(`saga.after-run.${step.name}`);
    return await settle(turn, outcome ?? { kind: "next" });
  } catch (error) {
    if (error instanceof FenceLost || error instanceof Abandoned) throw error;
    return await failed(turn, error);
  }
}

function settle<S>(turn: Turn<S>, outcome: Outcome<object>): Promise<SagaRow> {
  switch (outcome.kind) {
    case "next":
      return complete(turn, merge(turn, outcome.patch));
    case "wait":
      return save(turn, {
        phase: "running",
        state: merge(turn, outcome.patch),
        mayTurn: isRevocable(turn),
        sleep: outcome.until,
        waitReason: outcome.reason,
        outcome: "wait",
      });
    case "fail": {
      // Refused for good, the pivot itself has not happened either.
      const { saga, row, step } = turn;
      const { reason, message } = outcome;
      return turnRound(
        turn,
        { reason, message, step: step.name },
        row.step <= saga.pivotIndex,
        `${reason}: ${message}`,
      );
    }
  }
}

async function complete<S>(turn: Turn<S>, state: object): Promise<SagaRow> {
  const { kit, saga, row, step } = turn;
  const last = row.step + 1 === saga.steps.length;
  const end: TurnEnd = {
    phase: last ? "completed" : "running",
    step: last ? row.step : row.step + 1,
    state,
    mayTurn: isRevocable(turn),
    outcome: "done",
  };
  if (step.record === undefined && !last) return save(turn, end);
  const stored = await kit.db.transaction(async (tx) => {
    const [stored] = await pipelined([save(turn, end, tx), step.record?.(tx, state)]);
    if (stored.phase === "completed") await saga.onCompleted?.(tx, state, row.id);
    return stored;
  });
  if (stored.phase === "completed") ended.inc({ saga: saga.name, phase: "completed" });
  return stored;
}

function failed<S>(turn: Turn<S>, error: unknown): Promise<SagaRow> {
  const { kit, saga, row, step } = turn;
  const attempts = row.attempts + 1;
  const revocable = isRevocable(turn);
  kit.log.warn({ err: error, saga: saga.name, sagaId: row.id, step: step.name, attempts }, "saga step failed");
  if (isDefinite(error)) {
    const failure = { reason: error.reason, message: error.message, step: step.name };
    return turnRound(turn, failure, revocable, describeError(error));
  }
  retries.inc({ saga: saga.name, step: step.name, action: "run" });
  return save(turn, {
    phase: "running",
    attempts,
    mayTurn: revocable,
    sleep: Math.max(delayAfter(attempts, kit.settings.retry), retryAfter(error)),
    error: describeError(error),
    outcome: "retry",
  });
}

function turnRound<S>(turn: Turn<S>, failure: SagaFailure, revocable: boolean, error: string): Promise<SagaRow> {
  return revocable ? save(turn, { phase: "compensating", failure, error, outcome: "failed" }) : park(turn, error);
}

/** The state as it will be read back, so that a resumed saga sees what this one saw. */
function merge<S>({ saga, row }: Turn<S>, patch: object | undefined): object {
  if (patch === undefined) return row.state;
  try {
    return JSON.parse(JSON.stringify({ ...row.state, ...patch }));
  } catch (cause) {
    throw sagaErrors.SAGA_STATE_NOT_JSON({ saga: saga.name }, { cause });
  }
}
