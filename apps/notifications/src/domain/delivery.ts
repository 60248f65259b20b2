/**
 * How an attempt ended. `deferred`: not now. `refused`: never. `unreachable`: the server said nothing about this mail, and
 * may have it.
 */
export type Outcome = { readonly kind: "taken" | "deferred" | "refused" | "unreachable"; readonly detail: string };

/** What follows from an attempt: the send is over, or goes on later. */
export type Verdict =
  | { readonly status: "sent" | "failed" }
  | { readonly status: "queued"; readonly attempts: number; readonly retryInMs: number };

/** How patient a sender is. `random` is between 0 and 1. */
export type Patience = { readonly maxAttempts: number; readonly retryBaseMs: number; readonly random: () => number };

const FACTOR = 3;
const LONGEST_DELAY_MS = 3_600_000;
const SILENCE_FACTOR = 5;

/**
 * Judges the attempt with that number. A mail that is refused for now waits longer each time and is given up after the last
 * attempt. A server that cannot be reached is not the mail's fault: it waits without counting, however long.
 */
export function judge(outcome: Outcome, attempt: number, { maxAttempts, retryBaseMs, random }: Patience): Verdict {
  const jitter = 0.5 + random() / 2;
  switch (outcome.kind) {
    case "taken":
      return { status: "sent" };
    case "refused":
      return { status: "failed" };
    case "unreachable":
      return { status: "queued", attempts: attempt - 1, retryInMs: retryBaseMs * SILENCE_FACTOR * jitter };
    case "deferred": {
      if (attempt >= maxAttempts) return { status: "failed" };
      const delayMs = Math.min(retryBaseMs * FACTOR ** (attempt - 1), LONGEST_DELAY_MS);
      return { status: "queued", attempts: attempt, retryInMs: delayMs * jitter };
    }
  }
}
