import { pause } from "./pause.ts";

/** Wakes one waiter; a ring while nobody waits is remembered. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Makes a bell. */
export function createBell(): Bell {
  let next = new AbortController();
  return {
    ring: () => next.abort(),
    wait: async (ms, signal) => {
      await pause(ms, AbortSignal.any([next.signal, signal]));
      if (next.signal.aborted) next = new AbortController();
    },
  };
}
