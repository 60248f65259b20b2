import { sagaErrors } from "./errors.ts";

/** Thrown when the process stops before a step has ended. The attempt is not counted. */
export class Abandoned extends Error {
  override readonly name = "Abandoned";
}

/** Runs `work` for at most `timeoutMs`. Throws `STEP_TIMEOUT` after that, {@link Abandoned} when `giveUp` is aborted. */
export async function withinTimeout<T>(
  { step, timeoutMs, giveUp }: { step: string; timeoutMs: number; giveUp: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const interrupt = (reason: Error) => {
    reject(reason);
    controller.abort(reason);
  };
  const abandon = () => interrupt(new Abandoned());
  const timer = setTimeout(() => interrupt(sagaErrors.STEP_TIMEOUT({ step, timeoutMs })), timeoutMs);
  giveUp.addEventListener("abort", abandon, { once: true });
  try {
    if (giveUp.aborted) throw new Abandoned();
    return await Promise.race([work(controller.signal), interrupted]);
  } finally {
    clearTimeout(timer);
    giveUp.removeEventListener("abort", abandon);
  }
}
