/** Limits retries to 20 % of the calls plus 10 a second, so that they do not multiply an overload. */
export interface RetryBudget {
  /** Counts a first attempt. */
  deposit(): void;
  /** Whether a retry may be made now; if so it is counted. */
  withdraw(): boolean;
}

const SHARE = 0.2;
const PER_SECOND = 10;
const MOST = 100;

/**
 * A full budget. `now` is in milliseconds.
 */
export function createRetryBudget(now: () => number = performance.now.bind(performance)): RetryBudget {
  let tokens = PER_SECOND;
  let filledAt = now();
  return {
    deposit() {
      tokens = Math.min(MOST, tokens + SHARE);
    },
    withdraw() {
      const at = now();
      tokens = Math.min(MOST, tokens + ((at - filledAt) / 1000) * PER_SECOND);
      filledAt = at;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
