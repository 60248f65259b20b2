import { createRollingRate } from "./rolling-rate.ts";

/** CLOSED lets calls through, OPEN none, HALF_OPEN one at a time to see. */
export type BreakerState = "CLOSED" | "OPEN" | "HALF_OPEN";

/** What a call taught about its endpoint: nothing when it was cancelled. */
export type Lesson = "success" | "failure" | "nothing";

/** A circuit breaker. */
export interface Breaker {
  readonly state: BreakerState;
  /** Milliseconds until a call may be tried; 0 when one may be made now. */
  waitMs(): number;
  /** Counts a call that was allowed. What it returns is called once, with what the call taught. */
  begin(): (lesson: Lesson) => void;
}

const LEAST_CALLS = 10;
const FIRST_OPEN_MS = 1_000;
const LONGEST_OPEN_MS = 10_000;

/** Opens when half of at least ten calls in ten seconds failed, at first for 1 s, then for twice as long up to 10 s. */
export function createBreaker(onChange: (state: BreakerState) => void, now = () => performance.now()): Breaker {
  const rate = createRollingRate(now);
  let state: BreakerState = "CLOSED";
  let openMs = FIRST_OPEN_MS;
  let openUntil = 0;
  let probing = false;
  let period = 0;

  function enter(next: BreakerState): void {
    state = next;
    period++;
    probing = false;
    onChange(next);
  }
  function open(): void {
    openUntil = now() + openMs;
    openMs = Math.min(LONGEST_OPEN_MS, openMs * 2);
    enter("OPEN");
  }
  function learnClosed(lesson: Lesson): void {
    if (lesson === "nothing") return;
    rate.add(lesson === "failure");
    if (lesson === "success") return;
    const { calls, failures } = rate.read();
    if (calls >= LEAST_CALLS && failures * 2 >= calls) open();
  }
  function learnHalfOpen(lesson: Lesson): void {
    probing = false;
    if (lesson === "failure") open();
    if (lesson !== "success") return;
    rate.clear();
    openMs = FIRST_OPEN_MS;
    enter("CLOSED");
  }

  return {
    get state() {
      return state;
    },
    waitMs() {
      if (state === "CLOSED") return 0;
      if (state === "HALF_OPEN") return probing ? openMs / 2 : 0;
      return Math.max(0, openUntil - now());
    },
    begin() {
      if (state === "OPEN") enter("HALF_OPEN");
      probing = state === "HALF_OPEN";
      const begunIn = period;
      return (lesson) => {
        if (begunIn !== period) return; // It began before the state changed, and tells of then.
        if (state === "CLOSED") learnClosed(lesson);
        else learnHalfOpen(lesson);
      };
    },
  };
}
