import { userErrors } from "../domain/errors.ts";
import type { User } from "../domain/user.ts";
import type { Users } from "../ports.ts";

/** Reads an account. */
export function findUser({ users }: { readonly users: Users }) {
  return async (userId: string): Promise<User> => {
    const user = await users.find(userId);
    if (!user) throw userErrors.USER_NOT_FOUND({ userId });
    return user;
  };
}
