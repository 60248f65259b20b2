import { addAbortListener } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Background } from "@kontor/service";
import type { Round } from "../commands/deliver-due.ts";

type Options = {
  readonly deliver: (limit: number) => Promise<Round>;
  readonly onFailure: (error: unknown) => void;
  /** First pause after the mail server could not be reached. */
  readonly pauseMs: number;
  /** Interval between queries for work of which this process does not know: retries and mails of other replicas. */
  readonly idleMs: number;
};

const BATCH = 50;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Delivers due mails: on a wake-up signal, when a retry is due, and periodically. While the mail server is unreachable, one mail at a time
 * is tried.
 */
export function createSender({ deliver, onFailure, pauseMs, idleMs }: Options): Background & { wake(): void } {
  const stopping = new AbortController();
  let wakeUp = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;
  let silences = 0;
  let retryAt = Number.POSITIVE_INFINITY;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wakeUp = Promise.withResolvers();
      if (performance.now() >= retryAt) retryAt = Number.POSITIVE_INFINITY;
      const limit = silences > 0 ? 1 : BATCH;
      const { claimed, reachable, retryInMs } = await deliver(limit).catch(failed);
      retryAt = Math.min(retryAt, performance.now() + retryInMs);
      if (claimed > 0) silences = reachable ? 0 : silences + 1;
      if (silences > 0) await sleep(Math.min(pauseMs * 2 ** (silences - 1), LONGEST_PAUSE_MS));
      else if (claimed < limit) await sleep(Math.min(idleMs, retryAt - performance.now()), wakeUp.promise);
    }
  }

  function failed(error: unknown): Round {
    onFailure(error);
    return { claimed: 0, reachable: true, retryInMs: pauseMs };
  }

  async function sleep(ms: number, woken?: Promise<void>): Promise<void> {
    const over = new AbortController();
    using _ = addAbortListener(stopping.signal, () => over.abort());
    const timer = delay(ms, undefined, { signal: over.signal });
    await Promise.race([timer.catch(() => undefined), ...(woken ? [woken] : [])]);
    over.abort();
  }

  return {
    start() {
      running = run();
    },
    stop() {
      stopping.abort();
      return running;
    },
    wake: () => wakeUp.resolve(),
  };
}
