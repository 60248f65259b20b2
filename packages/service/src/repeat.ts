import { setTimeout as delay } from "node:timers/promises";
import type { Background } from "./define-service.ts";

/** Work that is repeated. */
export interface Repeated extends Background {
  /** Ends the pause of idle work: it runs after the usual interval. Call it when something is to be done. */
  wake(): void;
}

/** How idle work is repeated. */
export interface RepeatOptions {
  /** Time until the next run after one that found nothing to do, unless it is woken. Default: the usual interval. */
  readonly idleMs?: number;
}

/**
 * Returns background work that runs `work` repeatedly, `intervalMs` after the last run ended, so never twice at a time. `work` may resolve
 * to false if there was nothing to do: the next run is then later. Stopping waits for the running work. A failure is passed to
 * `onFailure` and does not stop it.
 *
 * ```ts
 * const sweeper = repeat(1_000, async () => console.log("swept"), (error) => console.error(error));
 * ```
 */
export function repeat(
  intervalMs: number,
  work: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
  { idleMs = intervalMs }: RepeatOptions = {},
): Repeated {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let woken = new AbortController();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = new AbortController(); // A wake from now on may be too late for this run.
      const found = await work().catch(onFailure);
      if (found === false) await pause(idleMs - intervalMs, woken.signal);
      await pause(intervalMs);
    }
  }

  async function pause(ms: number, ...ends: AbortSignal[]): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, ...ends]);
    if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
  }

  return {
    start() {
      running = run();
    },
    stop() {
      stopping.abort();
      return running;
    },
    wake: () => woken.abort(),
  };
}
