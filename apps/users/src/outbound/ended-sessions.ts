import { event, outbox } from "@kontor/messaging";
import type { RowOf, Tx } from "@kontor/postgres";
import { SessionEndedSchema } from "@kontor/shop/contracts/users/v1/events";
import { statement } from "../gen/statements.ts";

const BY_TOKEN = statement(
  "sessions.end_by_token",
  `UPDATE sessions s SET revoked_at = $2 FROM refresh_tokens t
  WHERE t.hash = $1 AND s.id = t.session_id AND s.revoked_at IS NULL RETURNING s.id, s.user_id`,
);
const BY_ID = statement(
  "sessions.end",
  "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id, user_id",
);
const BY_USER = statement(
  "sessions.end_by_user",
  `UPDATE sessions SET revoked_at = $2
  WHERE user_id = $1 AND id IS DISTINCT FROM $3::uuid AND revoked_at IS NULL RETURNING id, user_id`,
);

/** Ends sessions before their time and publishes it, so that the edge ends their streams. Ending them twice changes nothing. */
export const endSessions = {
  ofToken: async (tx: Tx, hash: Buffer, at: Date) => publish(tx, await tx.query(BY_TOKEN, [hash, at])),
  one: async (tx: Tx, sessionId: string, at: Date) => publish(tx, await tx.query(BY_ID, [sessionId, at])),
  /** All of a user, except the one that remains. */
  ofUser: async (tx: Tx, userId: string, at: Date, kept?: string) =>
    publish(tx, await tx.query(BY_USER, [userId, at, kept ?? null])),
};

async function publish(tx: Tx, ended: readonly RowOf<typeof BY_ID>[]): Promise<void> {
  const events = ended.map(({ id, user_id: userId }) => {
    return event(SessionEndedSchema, { sessionId: id, userId }, { key: id });
  });
  if (events.length > 0) await outbox.append(tx, events);
}
