import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 100;

/**
 * Does what the first call would have to wait for, again until it succeeds, but for no longer than `withinMs`: a process that
 * cannot reach its callees still serves what needs none of them. Returns whether all succeeded, or true if it was not to wait. Never throws.
 */
export async function warmUp(
  withinMs: number,
  works: readonly ((leftMs: number) => Promise<unknown>)[],
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  const left = () => deadline - performance.now();
  const succeeded = await Promise.all(
    works.map(async (work) => {
      while (left() > 0) {
        const done = work(left()).then(
          () => true,
          () => false,
        );
        if (await Promise.race([done, delay(left(), false, { ref: false })])) return true;
        await delay(Math.min(PAUSE_MS, Math.max(0, left())));
      }
      return false;
    }),
  );
  return withinMs === 0 || succeeded.every(Boolean);
}
