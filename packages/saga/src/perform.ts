import { withSpan } from "@kontor/telemetry";
import { attempt } from "./attempt.ts";
import type { StepContext } from "./definition.ts";
import { failureOf } from "./failure.ts";
import { stepSeconds } from "./metrics.ts";
import { type Turn, timeoutOf } from "./turn.ts";

/** Runs or undoes the step of a turn once: within its time, in a span, measured. */
export async function perform<S, T>(
  turn: Turn<S>,
  work: (ctx: StepContext) => Promise<T>,
  outcomeOf: (answer: T) => string,
): Promise<T> {
  const { kit, saga, row, step, action } = turn;
  const attributes = { "kontor.saga.id": row.id, "kontor.saga.attempt": row.attempts + 1 };
  const limits = { step: step.name, timeoutMs: timeoutOf(kit, step), giveUp: kit.giveUp };
  const started = performance.now();
  let outcome = "error";
  try {
    const answer = await withSpan(`saga ${saga.name} ${action} ${step.name}`, { attributes }, () =>
      attempt(limits, (signal) => work(contextOf(turn, signal))),
    );
    outcome = outcomeOf(answer);
    return answer;
  } finally {
    const labels = { saga: saga.name, step: step.name, action, outcome };
    stepSeconds.observe(labels, (performance.now() - started) / 1000);
  }
}

function contextOf<S>({ saga, row, step, action }: Turn<S>, signal: AbortSignal): StepContext {
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
