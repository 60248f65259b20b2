import { randomUUID } from "node:crypto";
import type { Database } from "@kontor/postgres";
import { userErrors } from "../domain/errors.ts";
import type { Sessions } from "../ports.ts";
import { USER, type UserRow, userOf } from "./user-row.ts";

// FOR SHARE waits for a change of the password that is under way, and finds no row if it went through.
const OPEN = `
  WITH good AS (SELECT user_id FROM credentials WHERE user_id = $1 AND version = $2 FOR SHARE),
  opened AS (
    INSERT INTO sessions (id, user_id, created_at, expires_at) SELECT $3, user_id, $4, $5 FROM good RETURNING id)
  INSERT INTO refresh_tokens (hash, session_id, expires_at) SELECT $6, id, $5 FROM opened RETURNING session_id`;

// The row lock lets one of several uses through; the others find the token used.
const ROTATE = `
  WITH used AS (
    UPDATE refresh_tokens t SET used_at = $3 FROM sessions s
    WHERE t.hash = $1 AND t.used_at IS NULL AND t.expires_at > $3 AND s.id = t.session_id AND s.revoked_at IS NULL
    RETURNING t.session_id),
  extended AS (
    UPDATE sessions s SET expires_at = $4 FROM used WHERE s.id = used.session_id AND s.revoked_at IS NULL
    RETURNING s.id, s.user_id),
  next AS (INSERT INTO refresh_tokens (hash, session_id, expires_at) SELECT $2, id, $4 FROM extended)
  SELECT e.id AS session_id, ${USER} FROM extended e JOIN users u ON u.id = e.user_id`;

const END_REUSED = `
  UPDATE sessions s SET revoked_at = coalesce(s.revoked_at, $2) FROM refresh_tokens t
  WHERE t.hash = $1 AND t.used_at IS NOT NULL AND s.id = t.session_id RETURNING s.id`;

const REVOKE = `
  UPDATE sessions s SET revoked_at = $2 FROM refresh_tokens t
  WHERE t.hash = $1 AND s.id = t.session_id AND s.revoked_at IS NULL`;

/** Sessions and their refresh tokens in PostgreSQL. */
export function createSessionStore(db: Database): Sessions {
  return {
    async open({ user, version }, first, at) {
      const sessionId = randomUUID();
      const values = [user.id, version, sessionId, at, first.expiresAt, first.hash];
      const opened = await db.query(OPEN, values, { name: "sessions.open" });
      return opened.length > 0 ? { user, sessionId } : undefined;
    },
    async rotate(tokenHash, next, at) {
      const values = [tokenHash, next.hash, at, next.expiresAt];
      const [row] = await db.query<UserRow & { session_id: string }>(ROTATE, values, { name: "sessions.rotate" });
      if (row) return { user: userOf(row), sessionId: row.session_id };
      const ended = await db.query(END_REUSED, [tokenHash, at], { name: "sessions.end_reused" });
      throw ended.length > 0 ? userErrors.REFRESH_REUSED() : userErrors.REFRESH_INVALID();
    },
    async revoke(tokenHash, at) {
      await db.query(REVOKE, [tokenHash, at], { name: "sessions.revoke" });
    },
  };
}
