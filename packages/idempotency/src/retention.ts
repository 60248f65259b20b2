import type { RetentionRule } from "@kontor/postgres";

/**
 * Returns the rule that removes keys `keepMs` after their first request. A key in use is not removed.
 *
 * ```ts
 * keyRetention(30 * 86_400_000); // 30 days
 * ```
 */
export function keyRetention(keepMs: number): RetentionRule {
  return {
    table: "idempotency_claims",
    expired: (cutoff) => `created_at < ${cutoff} AND (lease_until IS NULL OR lease_until < now())`,
    keepMs,
  };
}
