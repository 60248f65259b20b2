import type { RetentionRule } from "@kontor/postgres";

/** Returns how long the carrier's messages are kept. Shipments are kept forever. */
export function trackingRetention(keepMs: number): RetentionRule[] {
  return [{ table: "tracking_events", expired: (cutoff) => `received_at < ${cutoff}`, keepMs }];
}
