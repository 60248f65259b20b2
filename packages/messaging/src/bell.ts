/** Wakes one waiter; a ring while nobody waits is remembered. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Makes a bell. It is rung by every transaction that has events, so it makes nothing but a flag and a call. */
export function createBell(): Bell {
  let rung = false;
  let answer: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      answer?.();
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          answer = undefined;
          rung = false;
          resolve();
        };
        const timer = setTimeout(done, ms);
        answer = done;
        signal.addEventListener("abort", done);
        if (rung || signal.aborted) done();
      }),
  };
}
