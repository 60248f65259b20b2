import type { Sql } from "@kontor/postgres";
import { userErrors } from "../domain/errors.ts";
import { scopesOf } from "../domain/role.ts";
import { statement } from "../gen/statements.ts";
import type { Caller } from "../ports.ts";
import { isUserId } from "./user-row.ts";

// FOR SHARE of the session waits for a transaction that ends it.
const CALLER = statement(
  "users.caller",
  `SELECT u.roles, EXISTS (
    SELECT FROM sessions s WHERE s.id = $2::uuid AND s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > $3
    FOR SHARE) AS open
  FROM users u WHERE u.id = $1`,
  { columns: { open: "not null" } },
);

/**
 * Checks the present rights of the caller in the database. A token is valid for minutes after its session ended or its roles were
 * removed. Each call that extends a right beyond the life of a token is therefore checked here, in the transaction of its change.
 *
 * @throws KontorError SESSION_ENDED, or RIGHT_REMOVED if the roles of the account do not include the scope
 */
export async function requireRight(sql: Sql, { userId, sessionId }: Caller, scope: string, at: Date): Promise<void> {
  const rows = isUserId(userId) ? await sql.query(CALLER, [userId, sessionId ?? null, at]) : [];
  const [caller] = rows;
  if (!caller?.open) throw userErrors.SESSION_ENDED();
  if (!scopesOf(caller.roles).includes(scope)) throw userErrors.RIGHT_REMOVED({ scope });
}
