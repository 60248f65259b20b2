import type { Database } from "@kontor/postgres";
import type { CredentialStore, Credentials } from "../ports.ts";
import { requireRight } from "./caller-rights.ts";
import { endSessions } from "./ended-sessions.ts";
import { isUserId, USER, type UserRow, userOf } from "./user-row.ts";

type CredentialRow = UserRow & { readonly password_hash: string; readonly version: number };

const SELECT = `SELECT ${USER}, c.password_hash, c.version FROM users u JOIN credentials c ON c.user_id = u.id`;
const BY_EMAIL = `${SELECT}
  WHERE u.email_key = $2 OR (u.email_key IS NULL AND lower(u.email) = lower($1)) ORDER BY u.email_key NULLS FIRST LIMIT 1`;
const BY_ID = `${SELECT} WHERE u.id = $1`;
const REPLACE = `
  UPDATE credentials SET password_hash = $3, version = version + 1, changed_at = $4
  WHERE user_id = $1 AND version = $2 RETURNING user_id`;

/** Password hashes in PostgreSQL. */
export function createCredentialStore(db: Database): CredentialStore {
  return {
    async ofEmail(raw, key) {
      const [row] = await db.query<CredentialRow>(BY_EMAIL, [raw.trim(), key], { name: "credentials.of_email" });
      return row && credentialsOf(row);
    },
    async ofUser(userId) {
      if (!isUserId(userId)) return undefined;
      const [row] = await db.query<CredentialRow>(BY_ID, [userId], { name: "credentials.of_user" });
      return row && credentialsOf(row);
    },
    replace: ({ user, version }, passwordHash, caller, at) =>
      db.transaction(async (tx) => {
        await requireRight(tx, caller, "profile.write", at);
        const values = [user.id, version, passwordHash, at];
        const replaced = await tx.query(REPLACE, values, { name: "credentials.replace" });
        if (replaced.length === 0) return false;
        // A statement of its own, so that it sees the session of a sign-in that the first one waited for.
        await endSessions.ofUser(tx, user.id, at, caller.sessionId);
        return true;
      }),
  };
}

function credentialsOf(row: CredentialRow): Credentials {
  return { user: userOf(row), passwordHash: row.password_hash, version: row.version };
}
