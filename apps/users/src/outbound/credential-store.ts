import type { Database, RowOf } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { CredentialStore, Credentials } from "../ports.ts";
import { requireRight } from "./caller-rights.ts";
import { endSessions } from "./ended-sessions.ts";
import { isUserId, USER, userOf } from "./user-row.ts";

const SELECT = `SELECT ${USER}, c.password_hash, c.version FROM users u JOIN credentials c ON c.user_id = u.id`;
const BY_EMAIL = statement(
  "credentials.of_email",
  `${SELECT}
  WHERE u.email_key = $2 OR (u.email_key IS NULL AND lower(u.email) = lower($1)) ORDER BY u.email_key NULLS FIRST LIMIT 1`,
);
const BY_ID = statement("credentials.of_user", `${SELECT} WHERE u.id = $1`);
const REPLACE = statement(
  "credentials.replace",
  `UPDATE credentials SET password_hash = $3, version = version + 1, changed_at = $4
  WHERE user_id = $1 AND version = $2 RETURNING user_id`,
);

/** Password hashes in PostgreSQL. */
export function createCredentialStore(db: Database): CredentialStore {
  return {
    async ofEmail(raw, key) {
      const [row] = await db.query(BY_EMAIL, [raw.trim(), key ?? null]);
      return row && credentialsOf(row);
    },
    async ofUser(userId) {
      if (!isUserId(userId)) return undefined;
      const [row] = await db.query(BY_ID, [userId]);
      return row && credentialsOf(row);
    },
    replace: ({ user, version }, passwordHash, caller, at) =>
      db.transaction(async (tx) => {
        await requireRight(tx, caller, "profile.write", at);
        const replaced = await tx.query(REPLACE, [user.id, version, passwordHash, at]);
        if (replaced.length === 0) return false;
        // A separate statement, so that it sees the session of a sign-in for which the first one waited.
        await endSessions.ofUser(tx, user.id, at, caller.sessionId);
        return true;
      }),
  };
}

function credentialsOf(row: RowOf<typeof BY_ID>): Credentials {
  return { user: userOf(row), passwordHash: row.password_hash, version: row.version };
}
