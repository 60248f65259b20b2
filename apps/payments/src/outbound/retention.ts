import type { RetentionRule } from "@kontor/postgres";

/** Returns the retention of rows that payments no longer need. Payments, refunds and the ledger are kept forever. */
export function paymentRetention(keep: {
  readonly operationsMs: number;
  readonly webhooksMs: number;
}): RetentionRule[] {
  return [
    {
      table: "operations",
      expired: (cutoff) => `settled_at < ${cutoff} AND kind <> 'refund' AND state <> 'started'`,
      keepMs: keep.operationsMs,
    },
    { table: "webhook_events", expired: (cutoff) => `received_at < ${cutoff}`, keepMs: keep.webhooksMs },
  ];
}
