import type { Database } from "@kontor/postgres";
import type { MessagingSettings } from "./settings.ts";

const CHUNK = 1_000;

/** Removes what is older than its retention, in small transactions that replicas may run at the same time. */
export async function prune(
  db: Database,
  { outboxRetentionMs, inboxRetentionMs }: Pick<MessagingSettings, "outboxRetentionMs" | "inboxRetentionMs">,
): Promise<{ outbox: number; inbox: number }> {
  const age = "now() - $1 * interval '1 ms'";
  return {
    // `created_at` has the index; a row that waited long to be published is kept for as long after that.
    outbox: await removeAll(db, "outbox", `created_at < ${age} AND published_at < ${age}`, outboxRetentionMs),
    inbox: await removeAll(db, "inbox", `processed_at < ${age}`, inboxRetentionMs),
  };
}

async function removeAll(db: Database, table: "outbox" | "inbox", condition: string, ageMs: number): Promise<number> {
  const chunk = `SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${CHUNK} FOR UPDATE SKIP LOCKED`;
  for (let total = 0; ; ) {
    const removed = await db.query(`DELETE FROM ${table} WHERE ctid = ANY (ARRAY (${chunk})) RETURNING 1`, [ageMs]);
    total += removed.length;
    if (removed.length < CHUNK) return total;
  }
}
