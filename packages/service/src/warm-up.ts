import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 100;
const DONE = Symbol();

/**
 * Does what the first call would have to wait for, again until it succeeds, but for no longer than `withinMs`: a process that
 * cannot reach its callees still serves what needs none of them. Returns the last error of each work that did not succeed: none if it
 * was not to wait. Never throws.
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
