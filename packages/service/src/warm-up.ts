import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 100;
const DONE = Symbol();

/**
 * Runs work that the first call would otherwise wait for, until it succeeds or `withinMs` have passed: a process that cannot reach its
 * callees still serves calls that need none of them. Returns the last error of each work that did not succeed: none if `withinMs` is 0.
 * Never throws.
 *
 * ```ts
 * await warmUp(5_000, [async () => void (await fetch("http://localhost:8080/healthz"))]);
 * ```
 */
export async function warmUp(
  withinMs: number,
  works: readonly ((leftMs: number) => Promise<unknown>)[],
): Promise<readonly unknown[]> {
  const deadline = performance.now() + withinMs;
  const left = () => deadline - performance.now();
  const failures = works.map(async (work) => {
    let failure: unknown = new Error("It took too long.");
    while (left() > 0) {
      const outcome = work(left()).then(
        () => DONE,
        (error: unknown) => {
          failure = error;
        },
      );
      if ((await Promise.race([outcome, delay(left(), undefined, { ref: false })])) === DONE) return DONE;
      await delay(Math.min(PAUSE_MS, Math.max(0, left())));
    }
    return withinMs === 0 ? DONE : failure;
  });
  return (await Promise.all(failures)).filter((failure) => failure !== DONE);
}
