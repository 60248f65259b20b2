import { createRollingRate } from "./rolling-rate.ts";

/** CLOSED allows calls, OPEN refuses them, HALF_OPEN allows one per period as a probe. */
export type BreakerState = "CLOSED" | "OPEN" | "HALF_OPEN";

/**
 * The state of the callee that a call showed: it responds; it refused the call; it is unreachable; it sent nothing until the deadline; or
 * nothing, because the call was cancelled.
 */
export type Lesson = "success" | "refusal" | "failure" | "timeout" | "nothing";

/** A circuit breaker. */
export interface Breaker {
  /** The present state. */
  readonly state: BreakerState;
  /** Milliseconds until a call may be tried; 0 when one may be made now. */
  waitMs(): number;
  /**
   * Counts an allowed call. Call the returned function once, with what the call showed. `onSilence` runs when the breaker opens because the
   * callee sent nothing while this call was in flight: this call will get no response either.
   */
  begin(onSilence?: () => void): (lesson: Lesson) => void;
}

/** How a breaker deviates from the default. */
export interface BreakerOptions {
  readonly longestOpenMs?: number;
  readonly now?: () => number;
}

const LEAST_CALLS = 10;
const FIRST_OPEN_MS = 1_000;
/** A shorter time-out shows the caller's deadline, not the callee's state. */
const SILENT_MS = 1_000;

/**
 * Creates a breaker. It opens when half of at least ten calls in ten seconds failed or timed out, or at once when a call timed
 * out, after a second or more, and the callee responded to no call since it began: a callee that hangs costs one time-out,
 * not one per call. It stays open for 1 s, then for twice as long each time up to `longestOpenMs` (default 10 s). `now` is in
 * milliseconds.
 */
export function createBreaker(
  onChange: (state: BreakerState) => void,
  { longestOpenMs = 10_000, now = () => performance.now() }: BreakerOptions = {},
): Breaker {
  const rate = createRollingRate(now);
  const inFlight = new Set<() => void>();
  let state: BreakerState = "CLOSED";
  let openMs = FIRST_OPEN_MS;
  /** When a call may be tried: the end of the open period, or the next probe. */
  let nextAt = 0;
  let respondedAt = Number.NEGATIVE_INFINITY;
  let period = 0;

  function enter(next: BreakerState): void {
    state = next;
    period++;
    onChange(next);
  }
  function open(): void {
    nextAt = now() + openMs;
    openMs = Math.min(longestOpenMs, openMs * 2);
    enter("OPEN");
  }
  function close(): void {
    rate.clear();
    openMs = FIRST_OPEN_MS;
    enter("CLOSED");
  }
  function openForSilence(): void {
    open();
    const abandoned = [...inFlight];
    inFlight.clear();
    for (const onSilence of abandoned) onSilence();
  }
  function learnClosed(lesson: Lesson, begunAt: number): void {
    rate.add(lesson !== "success");
    const { calls, failures } = rate.read();
    if (lesson === "timeout" && now() - begunAt >= SILENT_MS && respondedAt < begunAt) openForSilence();
    else if (lesson !== "success" && calls >= LEAST_CALLS && failures * 2 >= calls) open();
  }

  return {
    get state() {
      return state;
    },
    waitMs: () => (state === "CLOSED" ? 0 : Math.max(0, nextAt - now())),
    begin(onSilence) {
      if (state === "OPEN") enter("HALF_OPEN");
      if (state === "HALF_OPEN") nextAt = now() + openMs;
      if (onSilence) inFlight.add(onSilence);
      const begunIn = period;
      const begunAt = now();
      return (lesson) => {
        if (onSilence) inFlight.delete(onSilence);
        if (lesson === "success" || lesson === "refusal") respondedAt = now();
        // A call that began before the state changed shows nothing about the present state.
        if (begunIn !== period) return;
        if (lesson === "nothing") nextAt = now();
        else if (state === "CLOSED") learnClosed(lesson, begunAt);
        else if (lesson === "success") close();
        else open();
      };
    },
  };
}
