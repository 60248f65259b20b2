import { addAbortListener } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Background } from "@kontor/service";
import type { Round } from "../commands/deliver-due.ts";

type Options = {
  readonly deliver: (limit: number) => Promise<Round>;
  readonly onFailure: (error: unknown) => void;
  /** Interval between queries for work without a wake-up signal: retries, and work of other replicas. */
  readonly pollMs: number;
};

const BATCH = 10;
const LONGEST_PAUSE_MS = 15_000;

/** Delivers what is due, when it is woken and from time to time. While the mail server is away, one mail at a time feels for it. */
export function createSender({ deliver, onFailure, pollMs }: Options): Background & { wake(): void } {
  const stopping = new AbortController();
  let wakeUp = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;
  let silences = 0;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wakeUp = Promise.withResolvers();
      const limit = silences > 0 ? 1 : BATCH;
      const { claimed, reachable } = await deliver(limit).catch(failed);
      if (claimed > 0) silences = reachable ? 0 : silences + 1;
      if (silences > 0) await sleep(Math.min(pollMs * 2 ** (silences - 1), LONGEST_PAUSE_MS));
      else if (claimed < limit) await sleep(pollMs, wakeUp.promise);
    }
  }

  function failed(error: unknown): Round {
    onFailure(error);
    return { claimed: 0, reachable: true };
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
