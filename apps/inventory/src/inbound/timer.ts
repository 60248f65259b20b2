import { setTimeout as delay } from "node:timers/promises";
import type { Background } from "@kontor/service";

/** Does the work again and again, never twice at a time. Stopping waits for what is under way. */
export function createTimer(
  intervalMs: number,
  work: () => Promise<void>,
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
