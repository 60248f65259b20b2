import { currentName, type Renamed } from "@kontor/nats";
import type { Database, Sql, Tx } from "@kontor/postgres";
import { runWithTrace } from "@kontor/telemetry";
import { parseInstant } from "@kontor/text";
import type { ConsumerDefinition } from "./consumer-definition.ts";
import { type DeadLetter, type DeadLetters, deadLetterErrors } from "./dead-letter.ts";
import { defer } from "./deferred.ts";
import { describe } from "./delivery.ts";
import { readVersion } from "./event-version.ts";
import { statement } from "./gen/statements.ts";
import { listLimit } from "./list-limit.ts";

const SELECT = `
  SELECT id, consumer, message_id AS "messageId", type, key, payload, headers, reason, attempts,
    failed_at AS "failedAt", resolved_at AS "resolvedAt", resolution
  FROM dead_letters`;

const LIST = statement(
  "dead_letters.list",
  `${SELECT}
  WHERE ($1::text IS NULL OR consumer = $1) AND ($2::text IS NULL OR type = $2) AND ($3::text IS NULL OR key = $3)
    AND ($4 OR resolved_at IS NULL) AND ($5::uuid IS NULL OR id < $5) AND ($7::uuid IS NULL OR message_id = $7)
  ORDER BY id DESC LIMIT $6`,
  { prepared: false },
);
const FAIL = statement(
  "dead_letters.fail",
  "UPDATE dead_letters SET attempts = attempts + 1, reason = $2 WHERE id = $1 AND resolved_at IS NULL",
  { prepared: false },
);
const DELETE = statement("dead_letters.delete", "DELETE FROM dead_letters WHERE id = $1", { prepared: false });
const FORGET = statement("dead_letters.forget", "DELETE FROM inbox WHERE consumer = $1 AND message_id = $2", {
  prepared: false,
});

/**
 * Returns access to the dead letters of one database. `consumers` are those whose letters can be redriven here. Default: none. `renamed`
 * describes renamed packages: letters have the name under which their event was received. Default: they were not.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const { letters } = await deadLetters(db).list({ consumer: "orders-payments", limit: 10 });
 * for (const { id } of letters) await deadLetters(db).retry(id);
 * ```
 */
export function deadLetters(
  db: Database,
  consumers: readonly ConsumerDefinition[] = [],
  renamed: Renamed = {},
): DeadLetters {
  const effectOf = (letter: DeadLetter) => {
    const { consumer } = letter;
    const type = currentName(renamed, letter.type);
    const handler = consumers
      .find(({ durable }) => durable === consumer)
      ?.handlers.find((candidate) => candidate.type === type);
    if (!handler) throw deadLetterErrors.CONSUMER_UNKNOWN({ consumer, type });
    return handler.prepare(letter.payload, readVersion(letter.headers));
  };

  return {
    list: async ({ consumer, type, key, messageId, includeResolved = false, limit = 50, after } = {}) => {
      const size = listLimit(limit);
      const letters = await db.query(LIST, [
        consumer ?? null,
        type ?? null,
        key ?? null,
        includeResolved,
        after ?? null,
        size + 1,
        messageId ?? null,
      ]);
      const page = letters.slice(0, size);
      const next = letters.length > size ? page.at(-1)?.id : undefined;
      return next === undefined ? { letters: page } : { letters: page, next };
    },
    get: (id) => find(db, id),
    redrive: async (id) => {
      const letter = await find(db, id);
      try {
        return await db.transaction(async (tx) => {
          const current = await findOpen(tx, id);
          const effect = effectOf(current);
          const { key, messageId, headers } = current;
          const type = currentName(renamed, current.type);
          await runWithTrace(headers, () => effect({ tx, id: messageId, type, key, time: timeOf(current) }));
          return resolve(tx, id, "redriven");
        });
      } catch (error) {
        await db.query(FAIL, [letter.id, describe(error)]);
        throw error;
      }
    },
    retry: (id) =>
      db.transaction(async (tx) => {
        const letter = await findOpen(tx, id);
        const { consumer, messageId, reason } = letter;
        await tx.query(DELETE, [id]); // A resolved row would hide that it fails again.
        await tx.query(FORGET, [consumer, messageId]);
        const time = timeOf(letter);
        await defer(tx, { ...letter, id: messageId, streamSeq: 0, time }, { reason, delayMs: 0 });
      }),
    discard: (id, reason) =>
      db.transaction(async (tx) => {
        await findOpen(tx, id);
        return resolve(tx, id, `discarded: ${reason}`);
      }),
  };
}

/** Returns when the event was recorded by its publisher. */
function timeOf({ headers, failedAt }: DeadLetter): Date {
  return parseInstant(headers["ce-time"] ?? "") ?? failedAt;
}

const FIND = statement("dead_letters.find", `${SELECT} WHERE id = $1`, { prepared: false });
const LOCK = statement("dead_letters.lock", `${SELECT} WHERE id = $1 FOR UPDATE`, { prepared: false });

async function find(sql: Sql, id: string, one = FIND): Promise<DeadLetter> {
  const [letter] = await sql.query(one, [id]);
  if (!letter) throw deadLetterErrors.DEAD_LETTER_NOT_FOUND({ id });
  return letter;
}

async function findOpen(tx: Tx, id: string): Promise<DeadLetter> {
  const letter = await find(tx, id, LOCK);
  if (letter.resolvedAt) throw deadLetterErrors.DEAD_LETTER_RESOLVED({ id, resolution: letter.resolution ?? "" });
  return letter;
}

const RESOLVE = statement(
  "dead_letters.resolve",
  "UPDATE dead_letters SET resolved_at = now(), resolution = $2 WHERE id = $1",
  { prepared: false },
);

async function resolve(tx: Tx, id: string, resolution: string): Promise<DeadLetter> {
  await tx.query(RESOLVE, [id, resolution]);
  return find(tx, id);
}
