import type { RetentionRule } from "@kontor/postgres";
import { defaultSettings, type MessagingSettings } from "./settings.ts";

type Kept = Pick<MessagingSettings, "outboxRetentionMs" | "inboxRetentionMs" | "deadLetterRetentionMs">;

/**
 * Returns the retention of messaging's tables. Unsent events and open dead letters never expire.
 *
 * ```ts
 * const rules = messagingRetention({ ...defaultSettings, inboxRetentionMs: 40 * 86_400_000 });
 * ```
 *
 * @throws RangeError if the inbox would drop a message that the outbox or the stream can still deliver again.
 */
export function messagingRetention({
  outboxRetentionMs,
  inboxRetentionMs,
  deadLetterRetentionMs,
  streamMaxAgeMs = defaultSettings.streamMaxAgeMs,
}: Kept & { readonly streamMaxAgeMs?: number }): RetentionRule[] {
  const redelivered = outboxRetentionMs + streamMaxAgeMs;
  if (inboxRetentionMs !== 0 && inboxRetentionMs <= redelivered)
    throw new RangeError(
      `The inbox keeps messages for ${days(inboxRetentionMs)}, but they can be delivered again for ${days(redelivered)}. ` +
        `Set INBOX_RETENTION to more than OUTBOX_RETENTION plus ${days(streamMaxAgeMs)}.`,
    );
  return [
    {
      table: "outbox",
      // `created_at` has the index; a row that waited long to be published is kept for as long after that.
      expired: (cutoff) => `created_at < ${cutoff} AND published_at < ${cutoff}`,
      keepMs: outboxRetentionMs,
    },
    { table: "inbox", expired: (cutoff) => `processed_at < ${cutoff}`, keepMs: inboxRetentionMs },
    { table: "dead_letters", expired: (cutoff) => `resolved_at < ${cutoff}`, keepMs: deadLetterRetentionMs },
  ];
}

function days(ms: number): string {
  return `${ms / 86_400_000} days`;
}
