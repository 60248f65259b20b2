import { UserRegisteredSchema, UserUpdatedSchema } from "@kontor/contracts/users/v1/events";
import { event, outbox } from "@kontor/messaging";
import type { Database, Tx } from "@kontor/postgres";
import { userErrors } from "../domain/errors.ts";
import { sameProfile, type User } from "../domain/user.ts";
import type { Users } from "../ports.ts";
import { isUserId, USER, type UserRow, userOf } from "./user-row.ts";

const REGISTER = `
  WITH registered AS (
    INSERT INTO users (id, email, display_name, locale, roles, created_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (lower(email)) DO NOTHING RETURNING id)
  INSERT INTO credentials (user_id, password_hash, changed_at) SELECT id, $7, $6 FROM registered RETURNING user_id`;
const FIND = `SELECT ${USER} FROM users u WHERE id = $1`;
// Ids are UUIDs of version 7, so their order is that of the accounts' making.
const LIST = `SELECT ${USER} FROM users u WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`;
const SAVE = "UPDATE users SET display_name = $2, locale = $3, roles = $4 WHERE id = $1";

/** Accounts in PostgreSQL. */
export function createUserStore(db: Database): Users {
  return {
    register: (user, passwordHash) =>
      db.transaction(async (tx) => {
        const { id, email, displayName, locale, roles, createdAt } = user;
        const values = [id, email, displayName, locale, roles, createdAt, passwordHash];
        const registered = await tx.query(REGISTER, values, { name: "users.register" });
        if (registered.length === 0) return false;
        await outbox.append(tx, [event(UserRegisteredSchema, facts(user), { key: id })]);
        return true;
      }),

    async find(userId) {
      if (!isUserId(userId)) return undefined;
      const [row] = await db.query<UserRow>(FIND, [userId], { name: "users.find" });
      return row && userOf(row);
    },

    async list({ before, limit }) {
      const rows = await db.query<UserRow>(LIST, [before, limit], { name: "users.list" });
      return rows.map(userOf);
    },

    update: (userId, change) =>
      db.transaction(async (tx) => {
        const before = await lock(tx, userId);
        const after = change(before);
        const { displayName, locale, roles } = after;
        await tx.query(SAVE, [userId, displayName, locale, roles], { name: "users.save" });
        if (!sameProfile(before, after))
          await outbox.append(tx, [event(UserUpdatedSchema, facts(after), { key: userId })]);
        return after;
      }),
  };
}

async function lock(tx: Tx, userId: string): Promise<User> {
  const rows = isUserId(userId) ? await tx.query<UserRow>(`${FIND} FOR UPDATE`, [userId], { name: "users.lock" }) : [];
  const row = rows[0];
  if (!row) throw userErrors.USER_NOT_FOUND({ userId });
  return userOf(row);
}

function facts({ id, email, displayName, locale }: User) {
  return { userId: id, email, displayName, locale };
}
