import { setTimeout as delay } from "node:timers/promises";
import type { Background } from "./define-service.ts";

/** Does the work again and again, `intervalMs` apart, never twice at a time. Stopping waits for what is under way. */
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
