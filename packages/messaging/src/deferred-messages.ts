import { defineErrors } from "@kontor/errors";
import type { Database } from "@kontor/postgres";
import { statement } from "./gen/statements.ts";
import { listLimit } from "./list-limit.ts";

/** A message that a consumer retries, or that waits behind one. */
export interface DeferredMessage {
  /** The durable that retries it. */
  readonly consumer: string;
  /** Id of the event. */
  readonly messageId: string;
  /** Full proto type name. */
  readonly type: string;
  /** The key of the event. */
  readonly key: string;
  /** The event as it was received, in binary protobuf. */
  readonly payload: Uint8Array;
  /** The CloudEvents headers, in lower case. */
  readonly headers: Record<string, string>;
  /** When it was deferred. */
  readonly deferredAt: Date;
  /** 0 for a message that waits behind an earlier one of its key. */
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly lastError: string | null;
  /** `null` while an earlier message of the key is deferred. */
  readonly nextAttemptAt: Date | null;
  /** Why an operator gives it up; its consumer has not yet made it a dead letter. */
  readonly giveUpReason: string | null;
}

/** Which deferred messages; all conditions must hold. */
export interface DeferredFilter {
  /** The durable. */
  readonly consumer?: string;
  /** The key of the event. */
  readonly key?: string;
  /** Id of the event. */
  readonly messageId?: string;
  /** Only those that failed themselves. */
  readonly failing?: boolean;
  /** Default 50, at most 500. */
  readonly limit?: number;
}

/** The operator's actions on deferred messages. The consumer of the message acts within 5 seconds. */
export interface DeferredMessages {
  /** Those that were deferred first come first. */
  list(filter?: DeferredFilter): Promise<DeferredMessage[]>;
  /** Makes the message a dead letter; the next of its key is retried at once. Throws DEFERRED_MESSAGE_NOT_FOUND. */
  giveUp(consumer: string, messageId: string, reason: string): Promise<void>;
  /** Retries the first message of the key at once, without waiting for its back-off. Throws DEFERRED_MESSAGE_NOT_FOUND. */
  retryNow(consumer: string, key: string): Promise<void>;
}

/** Why an operator's request about a deferred message is refused. */
export const deferredErrors = defineErrors("messaging.kontor", {
  DEFERRED_MESSAGE_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { consumer: string; message: string }) => `${f.consumer} has no deferred message ${f.message}.`,
    de: "{consumer} hat keine zurückgestellte Nachricht {message}.",
  },
});

const LIST = statement(
  "deferred.list",
  `SELECT consumer, message_id AS "messageId", type, key, payload, headers, deferred_at AS "deferredAt", attempts,
           last_error AS "lastError", next_attempt_at AS "nextAttemptAt", give_up_reason AS "giveUpReason"
         FROM deferred_messages
         WHERE ($1::text IS NULL OR consumer = $1) AND ($2::text IS NULL OR key = $2) AND (NOT $3 OR attempts > 0)
           AND ($5::uuid IS NULL OR message_id = $5)
         ORDER BY position LIMIT $4`,
  { prepared: false },
);

const GIVE_UP = statement(
  "deferred.give-up",
  `UPDATE deferred_messages SET give_up_reason = $3, next_attempt_at = now()
         WHERE consumer = $1 AND message_id = $2 RETURNING 1`,
  { prepared: false },
);

const RETRY = statement(
  "deferred.retry-now",
  `UPDATE deferred_messages SET next_attempt_at = now()
         WHERE consumer = $1 AND key = $2 AND next_attempt_at IS NOT NULL RETURNING 1`,
  { prepared: false },
);

/**
 * Returns access to the deferred messages of one database.
 *
 * ```ts
 * import { openDatabase } from "@kontor/postgres";
 * const db = openDatabase({ url: "postgresql://orders_run@localhost/orders", service: "orders" });
 * const [first] = await deferredMessages(db).list({ failing: true });
 * if (first) await deferredMessages(db).retryNow(first.consumer, first.key);
 * ```
 */
export function deferredMessages(db: Database): DeferredMessages {
  return {
    list: ({ consumer, key, messageId, failing = false, limit = 50 } = {}) =>
      db.query(LIST, [consumer ?? null, key ?? null, failing, listLimit(limit), messageId ?? null]),
    giveUp: async (consumer, messageId, reason) => {
      const changed = await db.query(GIVE_UP, [consumer, messageId, reason]);
      if (changed.length === 0) throw deferredErrors.DEFERRED_MESSAGE_NOT_FOUND({ consumer, message: messageId });
    },
    retryNow: async (consumer, key) => {
      const changed = await db.query(RETRY, [consumer, key]);
      if (changed.length === 0)
        throw deferredErrors.DEFERRED_MESSAGE_NOT_FOUND({ consumer, message: `of the key ${key}` });
    },
  };
}
