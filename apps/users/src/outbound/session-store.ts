import type { Database, RowOf } from "@kontor/postgres";
import { userErrors } from "../domain/errors.ts";
import { statement } from "../gen/statements.ts";
import type { RefreshTokens, Sessions } from "../ports.ts";
import { endSessions } from "./ended-sessions.ts";
import { USER, userOf } from "./user-row.ts";

// FOR SHARE waits for a running change of the password, and finds no row after its commit.
const OPEN = statement(
  "sessions.open",
  `WITH good AS (SELECT user_id FROM credentials WHERE user_id = $1 AND version = $2 FOR SHARE),
  opened AS (
    INSERT INTO sessions (id, user_id, created_at, expires_at) SELECT $3, user_id, $4, $5 FROM good RETURNING id)
  INSERT INTO refresh_tokens (hash, session_id, expires_at) SELECT $6, id, $5 FROM opened RETURNING session_id`,
);

// The locks order several uses of a token, and a use and the end of the session.
const FIND = statement(
  "sessions.find_token",
  `SELECT t.session_id, t.expires_at > $2 AS valid, t.used_at, t.used_by, t.successor_salt,
    s.revoked_at IS NOT NULL AS ended, ${USER}
  FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
  WHERE t.hash = $1 FOR UPDATE OF t, s`,
);
const USE = statement(
  "sessions.use_token",
  `WITH used AS (UPDATE refresh_tokens SET used_at = $2, used_by = $3, successor_salt = $4 WHERE hash = $1),
  extended AS (UPDATE sessions SET expires_at = $6 WHERE id = $5)
  INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($7, $5, $6)`,
);
const ENDED = statement(
  "sessions.ended",
  "SELECT id FROM sessions WHERE revoked_at > $1 AND ($2::uuid IS NULL OR id > $2::uuid) ORDER BY id LIMIT $3",
);

type Deps = {
  readonly db: Database;
  readonly refreshTokens: RefreshTokens;
  /** For how long a client that uses a token again gets the same successor. */
  readonly reuseMs: number;
};

/** Sessions and their refresh tokens in PostgreSQL. */
export function createSessionStore({ db, refreshTokens, reuseMs }: Deps): Sessions {
  /** The salt of the successor that the client gets again, if it may. */
  const knownSalt = (row: RowOf<typeof FIND>, usedBy: Buffer, at: Date) =>
    row.used_at && row.used_by?.equals(usedBy) && at.getTime() - row.used_at.getTime() <= reuseMs
      ? row.successor_salt
      : null;
  return {
    async open({ user, version }, sessionId, first, at) {
      const session = [sessionId, at, first.expiresAt, first.hash] as const;
      const opened = await db.query(OPEN, [user.id, version, ...session]);
      return opened.length > 0 ? { user, sessionId } : undefined;
    },
    async rotate(token, client, at) {
      const hash = refreshTokens.hashOf(token);
      const usedBy = refreshTokens.hashOf(client);
      const rotated = await db.transaction(async (tx) => {
        const [row] = await tx.query(FIND, [hash, at]);
        if (!row) return undefined;
        const sessionId = row.session_id;
        const salt = row.used_at ? knownSalt(row, usedBy, at) : refreshTokens.newSalt();
        if (!salt) {
          await endSessions.one(tx, sessionId, at);
          return "reused";
        }
        if (row.ended || !row.valid) return undefined;
        const refresh = refreshTokens.successor(token, salt, sessionId, at);
        if (!row.used_at) {
          const used = [hash, at, usedBy, salt] as const;
          await tx.query(USE, [...used, sessionId, refresh.expiresAt, refresh.hash]);
        }
        return { user: userOf(row), sessionId, refresh };
      });
      if (rotated === "reused") throw userErrors.REFRESH_REUSED();
      if (!rotated) throw userErrors.REFRESH_INVALID();
      return rotated;
    },
    async endedSince(since, { after, limit }) {
      return (await db.query(ENDED, [since, after ?? null, limit])).map(({ id }) => id);
    },
    async revoke(tokenHash, at) {
      await db.transaction((tx) => endSessions.ofToken(tx, tokenHash, at));
    },
  };
}
