/**
 * The outcome of an attempt. `deferred`: refused temporarily. `refused`: refused permanently. `unreachable`: the server did not respond
 * about this mail, and may have it.
 */
export type Outcome = { readonly kind: "taken" | "deferred" | "refused" | "unreachable"; readonly detail: string };

/** The verdict after an attempt: the send ends, or continues later. */
export type Verdict =
  | { readonly status: "sent" | "failed" }
  | { readonly status: "queued"; readonly attempts: number; readonly retryInMs: number };

/** The retry policy of a sender. `random` is between 0 and 1. */
export type Patience = { readonly maxAttempts: number; readonly retryBaseMs: number; readonly random: () => number };

const FACTOR = 3;
const LONGEST_DELAY_MS = 3_600_000;
const SILENCE_FACTOR = 5;

/**
 * Judges the attempt with that number. A mail that is refused temporarily waits longer each time and fails after the last attempt. While
 * the server is unreachable, a mail waits without limit and without counting.
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
