import type { RetentionRule } from "@kontor/postgres";

/** Returns the retention of notifications. Attempts are removed first, since they reference their notification; queued ones remain. */
export function notificationRetention(keepMs: number): readonly RetentionRule[] {
  const expired = (cutoff: string) => `created_at < ${cutoff} AND status <> 'queued'`;
  return [
    {
      table: "delivery_attempts",
      expired: (cutoff) => `notification_id IN (SELECT id FROM notifications WHERE ${expired(cutoff)})`,
      keepMs,
    },
    {
      table: "notifications",
      expired: (cutoff) =>
        `${expired(cutoff)} AND NOT EXISTS (SELECT FROM delivery_attempts a WHERE a.notification_id = notifications.id)`,
      keepMs,
    },
  ];
}
