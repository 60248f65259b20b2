import type { Role } from "../domain/role.ts";
import type { User } from "../domain/user.ts";

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly display_name: string;
  readonly locale: string;
  readonly roles: Role[];
  readonly created_at: Date;
}

/** The columns of a {@link UserRow}, with the table's alias `u`. */
export const USER = "u.id, u.email, u.display_name, u.locale, u.roles, u.created_at";

export function userOf(row: UserRow): User {
  const { id, email, locale, roles } = row;
  return { id, email, displayName: row.display_name, locale, roles, createdAt: row.created_at };
}

/** Whether a query by this id can be asked at all. */
export function isUserId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
