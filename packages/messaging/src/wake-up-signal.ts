/** Wakes one waiter. A signal without a waiter is stored for the next one. */
export interface WakeUpSignal {
  send(): void;
  /** Drops a stored signal. Call it before reading the work that the signals announce. */
  clear(): void;
  /** Resolves at the next signal, after `ms`, or when `stop` aborts. */
  wait(ms: number, stop: AbortSignal): Promise<void>;
}

/** Creates a wake-up signal. Every transaction with events sends it, so sending costs a flag and a call. */
export function createWakeUpSignal(): WakeUpSignal {
  let pending = false;
  let wake: (() => void) | undefined;
  return {
    send: () => {
      pending = true;
      wake?.();
    },
    clear: () => {
      pending = false;
    },
    wait: (ms, stop) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          stop.removeEventListener("abort", done);
          wake = undefined;
          pending = false;
          resolve();
        };
        const timer = setTimeout(done, ms);
        wake = done;
        stop.addEventListener("abort", done);
        if (pending || stop.aborted) done();
      }),
  };
}
