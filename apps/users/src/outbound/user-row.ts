import type { RowOf } from "@kontor/postgres";
import type { User } from "../domain/user.ts";
import { statement } from "../gen/statements.ts";

/** The columns that make an account, with the table's alias `u`. */
export const USER = "u.id, u.email, u.display_name, u.locale, u.roles, u.created_at";

export const FIND = statement("users.find", `SELECT ${USER} FROM users u WHERE u.id = $1`);

export function userOf(row: RowOf<typeof FIND>): User {
  const { id, email, locale, roles } = row;
  return { id, email, displayName: row.display_name, locale, roles, createdAt: row.created_at };
}

/** Whether this can be an id, so that a query by it is valid. */
export function isUserId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
