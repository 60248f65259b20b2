import { randomUUIDv7 } from "node:crypto";
import type { Sql, Tx } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";

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

/** `mine`: the effect may run in this transaction. `done`: it ran before. `deferred`: an earlier message of its key waits in the table of deferred messages. */
export type Claim = "mine" | "done" | "deferred";

// The rows of consumer_failures are for replicas of the version before deferred messages; a later release drops the table.
const CLEARED = `
  cleared AS (
    DELETE FROM consumer_failures USING done WHERE consumer = $1 AND consumer_failures.message_id = done.message_id)`;

// $1 consumer, $2 messages, $3 their keys. In the order of ids: two replicas that claim the same messages wait for each other, and never in a circle.
const CLAIM = statement(
  "inbox.claim",
  `WITH held AS (SELECT DISTINCT key FROM deferred_messages WHERE consumer = $1::text AND key = ANY ($3::text[])),
  done AS (
    INSERT INTO inbox (consumer, message_id)
    SELECT DISTINCT $1::text, item.id FROM unnest($2::uuid[], $3::text[]) AS item (id, key)
    WHERE NOT EXISTS (SELECT FROM held WHERE held.key = item.key)
    ORDER BY item.id
    ON CONFLICT DO NOTHING RETURNING message_id),
  ${CLEARED}
  SELECT message_id AS id FROM done`,
);

// A message may be done although it is recorded as failed: by another replica, or by a commit whose response was lost.
const SETTLED = statement(
  "inbox.settled",
  `WITH done AS (SELECT message_id FROM inbox WHERE consumer = $1 AND message_id = ANY ($2::uuid[])),
  ${CLEARED}
  SELECT message_id AS id FROM done`,
  { prepared: false },
);

/**
 * Takes messages of one consumer into the inbox, and returns the permitted handling of each. A message that must be deferred is not yet.
 * Blocks while another transaction has one of them.
 */
export async function claim(tx: Tx, messages: readonly Received[]): Promise<Claim[]> {
  const consumer = messages[0]?.consumer ?? "";
  const ids = messages.map(({ id }) => id);
  const mine = new Set((await tx.query(CLAIM, [consumer, ids, messages.map(({ key }) => key)])).map(({ id }) => id));
  const others = ids.filter((id) => !mine.has(id));
  const settled = others.length > 0 ? await tx.query(SETTLED, [consumer, others]) : [];
  const done = new Set([...mine, ...settled.map(({ id }) => id)]);
  // Of two messages with one id in a batch the first is processed.
  return ids.map((id) => (mine.delete(id) ? "mine" : done.has(id) ? "done" : "deferred"));
}

const RETURN = statement("inbox.return", "DELETE FROM inbox WHERE consumer = $1 AND message_id = ANY ($2::uuid[])", {
  prepared: false,
});

/** Gives back messages that this transaction took into the inbox, before their effect ran. */
export async function unclaim(tx: Tx, messages: readonly Received[]): Promise<void> {
  const [first] = messages;
  if (first) await tx.query(RETURN, [first.consumer, messages.map(({ id }) => id)]);
}

const BURY = statement(
  "inbox.dead-letter",
  `WITH failure AS (DELETE FROM consumer_failures WHERE consumer = $2 AND message_id = $3),
       done AS (INSERT INTO inbox (consumer, message_id) VALUES ($2, $3) ON CONFLICT DO NOTHING)
     INSERT INTO dead_letters (id, consumer, message_id, type, key, payload, headers, reason, attempts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (consumer, message_id) DO NOTHING`,
  { prepared: false },
);

/** Makes a message a dead letter: in one statement with the inbox row, so that it neither returns nor is lost. */
export async function deadLetter(sql: Sql, message: Received, reason: string, attempts: number): Promise<void> {
  await sql.query(BURY, [
    randomUUIDv7(),
    message.consumer,
    message.id,
    message.type,
    message.key,
    Buffer.from(message.payload),
    JSON.stringify(message.headers),
    reason,
    attempts,
  ]);
}
