import { randomUUIDv7 } from "node:crypto";
import type { Sql, Tx } from "@kontor/postgres";
import type { MessagingSettings } from "./settings.ts";

/** A message as the consumer's tables know it. */
export interface Received {
  readonly consumer: string;
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly streamSeq: number;
  readonly payload: Uint8Array;
  readonly headers: Record<string, string>;
  readonly time: Date;
}

/**
 * `mine`: the effect may run in this transaction. `done`: it ran before. Else the message waits, because its own retry is
 * not due or an earlier message of its key has not been done.
 */
export type Claim = "mine" | "done" | { readonly waitMs: number };

// $1 consumer, $2 message, $3 key, $4 place in the stream
const IN_THE_WAY = `
  consumer = $1 AND key = $3
  AND ((message_id <> $2 AND stream_seq < $4) OR (message_id = $2 AND attempts > 0 AND next_attempt_at > clock_timestamp()))`;

const CLAIM = `
  WITH done AS (
    INSERT INTO inbox (consumer, message_id)
    SELECT $1::text, $2::uuid WHERE NOT EXISTS (SELECT FROM consumer_failures WHERE ${IN_THE_WAY})
    ON CONFLICT DO NOTHING RETURNING message_id),
  cleared AS (
    DELETE FROM consumer_failures USING done WHERE consumer = $1 AND consumer_failures.message_id = done.message_id)
  SELECT FROM done`;

// A failure may have been recorded for a message that was done after all: by another replica, or by a commit whose answer was lost.
const SETTLED = `
  WITH done AS (SELECT message_id FROM inbox WHERE consumer = $1 AND message_id = $2),
  cleared AS (
    DELETE FROM consumer_failures USING done WHERE consumer = $1 AND consumer_failures.message_id = done.message_id)
  SELECT FROM done`;

const WAIT = `
  INSERT INTO consumer_failures AS mine (consumer, message_id, key, stream_seq, attempts, last_error, next_attempt_at)
  SELECT $1::text, $2::uuid, $3::text, $4::bigint, 0, 'waits for an earlier message of its key',
    coalesce((SELECT max(next_attempt_at) FROM consumer_failures WHERE ${IN_THE_WAY}), now())
  ON CONFLICT (consumer, message_id) DO UPDATE SET stream_seq = excluded.stream_seq, next_attempt_at = excluded.next_attempt_at
  RETURNING greatest(0, extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000)::float8 AS wait`;

/** Takes a message into the inbox if its turn has come. Blocks while another transaction has it. */
export async function claim(tx: Tx, { consumer, id, key, streamSeq }: Received): Promise<Claim> {
  const values = [consumer, id, key, streamSeq];
  if ((await tx.query(CLAIM, values, { name: "inbox.claim" })).length > 0) return "mine";
  if ((await tx.query(SETTLED, [consumer, id])).length > 0) return "done";
  const [row] = await tx.query<{ wait: number }>(WAIT, values);
  return { waitMs: row?.wait ?? 0 };
}

/**
 * Remembers a failed attempt. Messages of the same key behind it wait from now on, also after a restart. Answers with
 * undefined if the message is done after all.
 */
export async function recordFailure(
  db: Sql,
  { consumer, id, key, streamSeq }: Received,
  reason: string,
  { retryBaseMs, retryCapMs }: MessagingSettings,
): Promise<{ attempts: number; delayMs: number } | undefined> {
  const delay = (attempts: string) =>
    `least($7::float8, $6::float8 * power(2, ${attempts})) * (0.5 + random() / 2) * interval '1 ms'`;
  const [row] = await db.query<{ attempts: number; delay: number }>(
    `INSERT INTO consumer_failures AS f (consumer, message_id, key, stream_seq, attempts, last_error, next_attempt_at)
     SELECT $1::text, $2::uuid, $3::text, $4::bigint, 1, $5::text, clock_timestamp() + ${delay("0")}
     WHERE NOT EXISTS (SELECT FROM inbox WHERE consumer = $1 AND message_id = $2)
     ON CONFLICT (consumer, message_id) DO UPDATE SET stream_seq = $4, attempts = f.attempts + 1, last_error = $5,
       next_attempt_at = clock_timestamp() + ${delay("f.attempts")}
     RETURNING attempts, (extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000)::float8 AS delay`,
    [consumer, id, key, streamSeq, reason, retryBaseMs, retryCapMs],
  );
  return row && { attempts: row.attempts, delayMs: row.delay };
}

/** Gives a message up: dead letter and inbox row in one statement, so that it neither returns nor is lost. */
export async function giveUp(
  db: Sql,
  message: Received,
  reason: string,
  { counted }: { counted: boolean },
): Promise<void> {
  await db.query(
    `WITH failure AS (DELETE FROM consumer_failures WHERE consumer = $2 AND message_id = $3 RETURNING attempts),
       done AS (INSERT INTO inbox (consumer, message_id) VALUES ($2, $3) ON CONFLICT DO NOTHING)
     INSERT INTO dead_letters (id, consumer, message_id, type, key, payload, headers, reason, attempts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce((SELECT attempts FROM failure), 0) + $9)
     ON CONFLICT (consumer, message_id) DO NOTHING`,
    [
      randomUUIDv7(),
      message.consumer,
      message.id,
      message.type,
      message.key,
      Buffer.from(message.payload),
      JSON.stringify(message.headers),
      reason,
      counted ? 0 : 1,
    ],
  );
}

/** Forgets waiting messages that the stream no longer has: they will never come, and would hold up their key for ever. */
export async function forgetVanished(db: Sql, consumer: string, firstSeq: number): Promise<number> {
  return (
    await db.query("DELETE FROM consumer_failures WHERE consumer = $1 AND stream_seq < $2 RETURNING 1", [
      consumer,
      firstSeq,
    ])
  ).length;
}
