import { changeRoles, type User } from "../domain/user.ts";
import type { Caller, Users } from "../ports.ts";

type Deps = { readonly users: Users; readonly now: () => Date };

/** Replaces the roles of an account. The caller's rights are read from the database, not from the token. */
export function setRoles({ users, now }: Deps) {
  return (caller: Caller, userId: string, names: readonly string[]): Promise<User> =>
    users.changeRoles(caller, userId, (user) => changeRoles(user, names), now());
}
