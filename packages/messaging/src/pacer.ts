import { pause } from "./pause.ts";

/** How many rounds may follow each other without a pause. */
const BURST = 4;

/**
 * Returns a function that a loop awaits once a round. Rounds are `gapMs` apart on average, so that simultaneous events share one. A few
 * rounds of an idle loop pass at once, so that a single event does not wait.
 */
export function createPacer(gapMs: number): (ended: AbortSignal) => Promise<void> {
  let due = 0;
  return async (ended) => {
    const now = performance.now();
    due = Math.max(due, now - BURST * gapMs) + gapMs;
    if (due > now) await pause(due - now, ended);
  };
}
