import type { RetentionRule } from "@kontor/postgres";

/** Returns the retention of the carrier's messages. Shipments are kept forever. */
export function trackingRetention(keepMs: number): RetentionRule[] {
  return [{ table: "tracking_events", expired: (cutoff) => `received_at < ${cutoff}`, keepMs }];
}
