import type { Sql, Tx } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import type { Received } from "./inbox.ts";
import type { MessagingSettings } from "./settings.ts";

/** A deferred message whose retry is due. */
export interface DueMessage extends Received {
  readonly attempts: number;
  readonly giveUpReason: string | null;
}

type Backoff = Pick<MessagingSettings, "retryBaseMs" | "retryCapMs">;

const INSERT = statement(
  "deferred.insert",
  `INSERT INTO deferred_messages AS d (consumer, message_id, type, key, payload, headers, stream_seq, event_time, attempts, last_error, next_attempt_at)
  SELECT $1::text, $2::uuid, $3::text, $4::text, $5::bytea, $6::jsonb, $7::bigint, $8::timestamptz, $9::int, $10::text,
    CASE WHEN NOT EXISTS (SELECT FROM deferred_messages WHERE consumer = $1 AND key = $4) THEN clock_timestamp() + $11::float8 * interval '1 ms' END
  WHERE NOT EXISTS (SELECT FROM inbox WHERE consumer = $1 AND message_id = $2)
  ON CONFLICT (consumer, message_id) DO NOTHING
  RETURNING 1`,
  { prepared: false },
);

// Replicas of the version before this table defer later messages of a key that has a row here.
const SHOW_TO_OLD_REPLICAS = statement(
  "deferred.show-to-old-replicas",
  `INSERT INTO consumer_failures (consumer, message_id, key, stream_seq, attempts, last_error, next_attempt_at)
  VALUES ($1, $2, $3, $4, 1, 'deferred', clock_timestamp() + interval '10 s')
  ON CONFLICT (consumer, message_id) DO UPDATE SET next_attempt_at = excluded.next_attempt_at`,
  { prepared: false },
);

const SEEN = statement("deferred.seen", "SELECT FROM inbox WHERE consumer = $1 AND message_id = $2", {
  prepared: false,
});

/**
 * Defers a message in the caller's transaction, behind all deferred ones of its key. Repeating it changes nothing. Returns
 * false if its effect is committed already.
 */
export async function defer(
  tx: Tx,
  message: Received,
  failure?: { readonly reason: string; readonly delayMs: number },
): Promise<boolean> {
  const { consumer, id, type, key, streamSeq, time } = message;
  await lockKey(tx, message);
  const inserted = await tx.query(INSERT, [
    consumer,
    id,
    type,
    key,
    Buffer.from(message.payload),
    JSON.stringify(message.headers),
    streamSeq,
    time,
    failure ? 1 : 0,
    failure?.reason ?? null,
    failure?.delayMs ?? 0,
  ]);
  if (inserted.length > 0) {
    await tx.query(SHOW_TO_OLD_REPLICAS, [consumer, id, key, streamSeq]);
    return true;
  }
  return (await tx.query(SEEN, [consumer, id])).length === 0;
}

const DUE = statement(
  "deferred.due",
  `SELECT consumer, message_id AS id, type, key, payload, headers, stream_seq::float8 AS "streamSeq", event_time AS "time",
       attempts, give_up_reason AS "giveUpReason"
     FROM deferred_messages
     WHERE consumer = $1 AND next_attempt_at <= clock_timestamp() AND message_id <> ALL ($3::uuid[])
     ORDER BY next_attempt_at LIMIT $2`,
);

/** Returns messages of a consumer whose retry is due, those that are overdue for longest first, without those in `except`. */
export function dueMessages(
  sql: Sql,
  consumer: string,
  limit: number,
  except: readonly string[],
): Promise<DueMessage[]> {
  return sql.query(DUE, [consumer, limit, except]);
}

const LOCK = statement(
  "deferred.lock",
  "SELECT FROM deferred_messages WHERE consumer = $1 AND message_id = $2 FOR UPDATE SKIP LOCKED",
  { prepared: false },
);

const TAKE = statement(
  "deferred.take",
  "INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
  { prepared: false },
);

/** Takes a deferred message for a retry; returns undefined if another transaction has it or it is gone. */
export async function takeDeferred(tx: Tx, { consumer, id }: Received): Promise<{ done: boolean } | undefined> {
  const key = [consumer, id] as const;
  const locked = await tx.query(LOCK, key);
  if (locked.length === 0) return undefined;
  const mine = await tx.query(TAKE, key);
  return { done: mine.length === 0 };
}

const REMOVE = statement("deferred.remove", "DELETE FROM deferred_messages WHERE consumer = $1 AND message_id = $2", {
  prepared: false,
});

const FORGET = statement("deferred.forget", "DELETE FROM consumer_failures WHERE consumer = $1 AND message_id = $2", {
  prepared: false,
});

const NEXT = statement(
  "deferred.advance",
  `UPDATE deferred_messages SET next_attempt_at = clock_timestamp()
     WHERE consumer = $1 AND next_attempt_at IS NULL
       AND position = (SELECT min(position) FROM deferred_messages WHERE consumer = $1 AND key = $2)`,
  { prepared: false },
);

/** Removes a deferred message in the transaction of its effect; the next one of its key is due at once. */
export async function removeDeferred(tx: Tx, message: Received): Promise<void> {
  const { consumer, id } = message;
  await lockKey(tx, message);
  await tx.query(REMOVE, [consumer, id]);
  await tx.query(FORGET, [consumer, id]);
  await tx.query(NEXT, [consumer, message.key]);
}

const RECORD = statement(
  "deferred.record-retry",
  `UPDATE deferred_messages SET attempts = attempts + 1, last_error = $3, next_attempt_at = clock_timestamp() + $4::float8 * interval '1 ms'
     WHERE consumer = $1 AND message_id = $2`,
  { prepared: false },
);

/** Counts a failed retry and sets the time of the next one. */
export async function recordRetry(sql: Sql, message: DueMessage, reason: string, backoff: Backoff): Promise<void> {
  await sql.query(RECORD, [message.consumer, message.id, reason, retryDelay(message.attempts, backoff)]);
}

/** Returns the delay in milliseconds after `attempts` failed attempts: doubled each time up to the cap, jittered by half. */
export function retryDelay(attempts: number, { retryBaseMs, retryCapMs }: Backoff): number {
  return Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(attempts, 30)) * (0.5 + Math.random() / 2);
}

const NEXT_RETRY = statement(
  "deferred.next",
  `SELECT (extract(epoch FROM min(next_attempt_at) - clock_timestamp()) * 1000)::float8 AS wait
     FROM deferred_messages WHERE consumer = $1 AND next_attempt_at IS NOT NULL AND message_id <> ALL ($2::uuid[])`,
);

/** Milliseconds until the next retry of a consumer is due, without those in `except`; undefined if none is. */
export async function nextRetryIn(sql: Sql, consumer: string, except: readonly string[]): Promise<number | undefined> {
  const [row] = await sql.query(NEXT_RETRY, [consumer, except]);
  return row?.wait ?? undefined;
}

const LOCK_KEY = statement("deferred.lock-key", "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", {
  prepared: false,
});

// A message that is deferred while the last one before it is removed must see that it is the first of its key.
async function lockKey(tx: Tx, { consumer, key }: Received): Promise<void> {
  await tx.query(LOCK_KEY, [`messaging.key/${consumer}/${key}`]);
}
