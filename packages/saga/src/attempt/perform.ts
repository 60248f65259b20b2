import { withSpan } from "@kontor/telemetry";
import type { StepContext } from "../definition/definition.ts";
import { sagaErrors } from "../errors.ts";
import { stepSeconds } from "../metrics.ts";
import { type Attempt, failureOf, timeoutOf } from "./attempt.ts";
import type { GiveUp } from "./give-up.ts";

/** Runs or undoes the step of an attempt once, within its time limit, in a span, and measures it. */
export async function perform<S, T>(
  attempt: Attempt<S>,
  work: (ctx: StepContext) => Promise<T>,
  outcomeOf: (result: T) => string,
): Promise<T> {
  const { deps, saga, row, step, action } = attempt;
  const attributes = { "kontor.saga.id": row.id, "kontor.saga.attempt": row.attempts + 1 };
  const limits = { step: step.name, timeoutMs: timeoutOf(deps, step), giveUp: deps.giveUp };
  const started = performance.now();
  let outcome = "error";
  try {
    const result = await withSpan(`saga ${saga.name} ${action} ${step.name}`, { attributes }, () =>
      withinTimeout(limits, (signal) => work(contextOf(attempt, signal))),
    );
    outcome = outcomeOf(result);
    return result;
  } finally {
    const labels = { saga: saga.name, step: step.name, action, outcome };
    stepSeconds.observe(labels, (performance.now() - started) / 1000);
  }
}

function contextOf<S>({ saga, row, step, action }: Attempt<S>, signal: () => AbortSignal): StepContext {
  return {
    sagaId: row.id,
    step: step.name,
    key: `${row.id}:${step.name}`,
    attempt: row.attempts + 1,
    waitExpired: row.wait_expired === true,
    deadline: row.deadline_at ?? undefined,
    failure: action === "undo" ? failureOf(saga, row) : undefined,
    get signal() {
      return signal();
    },
  };
}

/** Thrown when the process stops before a step has ended. The attempt is not counted. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";
}

/**
 * Runs `work` for at most `timeoutMs`. Throws `STEP_TIMEOUT` after that, {@link Abandoned} when the process abandons it. Most steps never
 * read their signal, so it is created at the first call of `signal`.
 */
async function withinTimeout<T>(
  { step, timeoutMs, giveUp }: { step: string; timeoutMs: number; giveUp: GiveUp },
  work: (signal: () => AbortSignal) => Promise<T>,
): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  let controller: AbortController | undefined;
  let reason: Error | undefined;
  const interrupt = (error: Error) => {
    reason = error;
    reject(error);
    controller?.abort(error);
  };
  const signal = () => {
    controller ??= new AbortController();
    if (reason) controller.abort(reason);
    return controller.signal;
  };
  const timer = setTimeout(() => interrupt(sagaErrors.STEP_TIMEOUT({ step, timeoutMs })), timeoutMs);
  const forget = giveUp.listen(() => interrupt(new Abandoned()));
  try {
    if (giveUp.isGivenUp()) throw new Abandoned();
    return await Promise.race([work(signal), interrupted]);
  } finally {
    clearTimeout(timer);
    forget();
  }
}
