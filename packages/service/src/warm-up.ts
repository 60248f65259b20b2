import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 100;

/**
 * Does what the first call would have to wait for, again until it succeeds, but for no longer than `withinMs`: a process that
 * cannot reach its callees is not worse than one that is not there. Never throws.
 */
export async function warmUp(
  withinMs: number,
  works: readonly ((leftMs: number) => Promise<unknown>)[],
): Promise<void> {
  const deadline = performance.now() + withinMs;
  const left = () => deadline - performance.now();
  await Promise.all(
    works.map(async (work) => {
      while (left() > 0) {
        const done = work(left()).then(
          () => true,
          () => false,
        );
        if (await Promise.race([done, delay(left(), true, { ref: false })])) return;
        await delay(PAUSE_MS);
      }
    }),
  );
}
