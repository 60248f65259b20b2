import { randomUUIDv7 } from "node:crypto";
import type { Sql, Tx } from "@kontor/postgres";
import { defer } from "./deferred.ts";
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

/** `mine`: the effect may run in this transaction. `done`: it ran before. `deferred`: it waits in the table of deferred messages. */
export type Claim = "mine" | "done" | "deferred";

// The rows of consumer_failures are for replicas of the version before deferred messages; a later release drops the table.
const CLEARED = `
  cleared AS (
    DELETE FROM consumer_failures USING done WHERE consumer = $1 AND consumer_failures.message_id = done.message_id)`;

// $1 consumer, $2 message, $3 key
const CLAIM = statement(
  "inbox.claim",
  `WITH done AS (
    INSERT INTO inbox (consumer, message_id)
    SELECT $1::text, $2::uuid WHERE NOT EXISTS (SELECT FROM deferred_messages WHERE consumer = $1 AND key = $3)
    ON CONFLICT DO NOTHING RETURNING message_id),
  ${CLEARED}
  SELECT FROM done`,
);

// A message may be done although it is recorded as failed: by another replica, or by a commit whose answer was lost.
const SETTLED = statement(
  "inbox.settled",
  `WITH done AS (SELECT message_id FROM inbox WHERE consumer = $1 AND message_id = $2),
  ${CLEARED}
  SELECT FROM done`,
  { prepared: false },
);

/** Takes a message into the inbox, or defers it if an earlier one of its key is deferred. Blocks while another transaction has it. */
export async function claim(tx: Tx, message: Received): Promise<Claim> {
  const { consumer, id, key } = message;
  if ((await tx.query(CLAIM, [consumer, id, key])).length > 0) return "mine";
  if ((await tx.query(SETTLED, [consumer, id])).length > 0) return "done";
  await defer(tx, message);
  return "deferred";
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
