import { event, outbox } from "@kontor/messaging";
import { type Database, isCheckViolation, type Sql, type Tx } from "@kontor/postgres";
import { UserRegisteredSchema, UserUpdatedSchema } from "@kontor/shop/contracts/users/v1/events";
import { present } from "@kontor/text";
import { userErrors } from "../domain/errors.ts";
import { sameProfile, type User } from "../domain/user.ts";
import { searchTextOf } from "../domain/user-search.ts";
import { statement } from "../gen/statements.ts";
import type { Users } from "../ports.ts";
import { requireRight } from "./caller-rights.ts";
import { endSessions } from "./ended-sessions.ts";
import { listStatement } from "./user-list.ts";
import { FIND, isUserId, USER, userOf } from "./user-row.ts";

const REGISTER = statement(
  "users.register",
  `WITH registered AS (
    INSERT INTO users (id, email, display_name, locale, roles, created_at, email_key, search_text)
    VALUES ($1, $2, $3, $4, $5, $6, $8, $9) ON CONFLICT DO NOTHING RETURNING id)
  INSERT INTO credentials (user_id, password_hash, changed_at) SELECT id, $7, $6 FROM registered RETURNING user_id`,
);
const LOCK = statement("users.lock", `SELECT ${USER} FROM users u WHERE u.id = $1 FOR UPDATE`);
const SAVE = statement("users.save", "UPDATE users SET display_name = $2, locale = $3, search_text = $4 WHERE id = $1");
// Locks caller and account in one order, so that two administrators who change each other wait instead of deadlocking.
const LOCK_BOTH = statement(
  "users.lock_both",
  "SELECT id FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE",
);
const SAVE_ROLES = statement("users.save_roles", "UPDATE users SET roles = $2 WHERE id = $1");
const HAS_ADMIN = statement(
  "users.has_admin",
  "SELECT EXISTS (SELECT FROM users WHERE 'admin' = ANY (roles)) AS found",
);
// The lock of the trigger: of several replicas one restores.
const LOCK_ADMINS = statement("users.lock_admins", "SELECT pg_advisory_xact_lock(hashtext('users.require_admin'))");
const RESTORE = statement(
  "users.restore_admin",
  `WITH restored AS (UPDATE users SET roles = '{staff,admin}' WHERE id = $1)
  UPDATE credentials SET password_hash = $2, version = version + 1, changed_at = $3 WHERE user_id = $1`,
);
/** The trigger that protects the last administrator raises it. */
const LAST_ADMIN = "users_require_admin";

/** Accounts in PostgreSQL. */
export function createUserStore(db: Database): Users {
  return {
    register: (user, emailKey, passwordHash) =>
      db.transaction(async (tx) => {
        const { id, email, displayName, locale, roles, createdAt } = user;
        const account = [id, email, displayName, locale, roles, createdAt] as const;
        const registered = await tx.query(REGISTER, [...account, passwordHash, emailKey, searchTextOf(user)]);
        if (registered.length === 0) return false;
        await outbox.append(tx, [event(UserRegisteredSchema, facts(user), { key: id })]);
        return true;
      }),

    async find(userId) {
      if (!isUserId(userId)) return undefined;
      const [row] = await db.query(FIND, [userId]);
      return row && userOf(row);
    },

    list: async (filter, page) => (await db.reads.query(listStatement(filter, page))).map(userOf),

    update: (userId, change) =>
      db.transaction(async (tx) => {
        const before = await lock(tx, userId);
        const after = change(before);
        const { displayName, locale } = after;
        await tx.query(SAVE, [userId, displayName, locale, searchTextOf(after)]);
        if (!sameProfile(before, after))
          await outbox.append(tx, [event(UserUpdatedSchema, facts(after), { key: userId })]);
        return after;
      }),

    async changeRoles(caller, userId, change, at) {
      try {
        return await db.transaction(async (tx) => {
          await tx.query(LOCK_BOTH, [[caller.userId, userId].filter(isUserId)]);
          await requireRight(tx, caller, "users.admin", at);
          const after = change(await lock(tx, userId));
          await tx.query(SAVE_ROLES, [userId, after.roles]);
          return after;
        });
      } catch (error) {
        throw isCheckViolation(error, LAST_ADMIN) ? userErrors.LAST_ADMIN() : error;
      }
    },

    hasAdmin: () => hasAdmin(db),

    restoreAdmin: (userId, passwordHash, at) =>
      db.transaction(async (tx) => {
        await tx.query(LOCK_ADMINS);
        if (await hasAdmin(tx)) return false;
        await tx.query(RESTORE, [userId, passwordHash, at]);
        await endSessions.ofUser(tx, userId, at);
        return true;
      }),
  };
}

async function hasAdmin(sql: Sql): Promise<boolean> {
  const [row] = await sql.query(HAS_ADMIN);
  return row?.found ?? false;
}

async function lock(tx: Tx, userId: string): Promise<User> {
  const rows = isUserId(userId) ? await tx.query(LOCK, [userId]) : [];
  const row = rows[0];
  if (!row) throw userErrors.USER_NOT_FOUND({ userId });
  return userOf(row);
}

function facts({ id, email, displayName, locale }: User) {
  return { userId: id, email, locale, ...present({ displayName }) };
}
