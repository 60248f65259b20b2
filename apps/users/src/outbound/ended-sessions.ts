import { SessionEndedSchema } from "@kontor/contracts/users/v1/events";
import { event, outbox } from "@kontor/messaging";
import type { Sql, Tx } from "@kontor/postgres";

type EndedRow = { readonly id: string; readonly user_id: string };

const BY_TOKEN = `
  UPDATE sessions s SET revoked_at = $2 FROM refresh_tokens t
  WHERE t.hash = $1 AND s.id = t.session_id AND s.revoked_at IS NULL RETURNING s.id, s.user_id`;
const BY_ID = "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id, user_id";
const BY_USER = `
  UPDATE sessions SET revoked_at = $2
  WHERE user_id = $1 AND id IS DISTINCT FROM $3::uuid AND revoked_at IS NULL RETURNING id, user_id`;

/** Ends sessions before their time and publishes it, so that the edge ends their streams. Ending them twice changes nothing. */
export const endSessions = {
  ofToken: (tx: Tx, hash: Buffer, at: Date) => end(tx, BY_TOKEN, [hash, at], "sessions.end_by_token"),
  one: (tx: Tx, sessionId: string, at: Date) => end(tx, BY_ID, [sessionId, at], "sessions.end"),
  /** All of a user, but the one that is kept. */
  ofUser: (tx: Tx, userId: string, at: Date, kept?: string) =>
    end(tx, BY_USER, [userId, at, kept], "sessions.end_by_user"),
};

async function end(tx: Tx, statement: string, values: Parameters<Sql["query"]>[1], name: string): Promise<void> {
  const ended = await tx.query<EndedRow>(statement, values, { name });
  const events = ended.map(({ id, user_id: userId }) => {
    return event(SessionEndedSchema, { sessionId: id, userId }, { key: id });
  });
  if (events.length > 0) await outbox.append(tx, events);
}
