import { setTimeout as delay } from "node:timers/promises";
import type { Background } from "./define-service.ts";

/**
 * Returns background work that does the work again and again, `intervalMs` after the last one ended, so never twice at a
 * time. Stopping waits for
 * the work under way. A failure is passed to `onFailure` and does not stop it.
 *
 * ```ts
 * const sweeper = repeat(1_000, async () => console.log("swept"), (error) => console.error(error));
 * ```
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): Background {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await work().catch(onFailure);
      await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running = run();
    },
    stop() {
      stopping.abort();
      return running;
    },
  };
}
