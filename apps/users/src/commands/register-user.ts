import { randomUUIDv7 } from "node:crypto";
import { createCheck } from "../domain/check.ts";
import { readEmail } from "../domain/email.ts";
import { userErrors } from "../domain/errors.ts";
import { checkNewPassword } from "../domain/password.ts";
import type { Role } from "../domain/role.ts";
import { readProfile, type User } from "../domain/user.ts";
import type { Passwords, Users } from "../ports.ts";

export type Registration = {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly locale: string;
};

type Deps = { readonly users: Users; readonly passwords: Passwords; readonly now: () => Date };

/** Creates an account. Its caller decides the roles, never the request. */
export function registerUser({ users, passwords, now }: Deps) {
  return async (registration: Registration, roles: readonly Role[] = ["customer"]): Promise<User> => {
    const check = createCheck();
    const email = readEmail(registration.email, check);
    checkNewPassword(registration.password, email.address, check);
    const profile = readProfile(registration, check);
    check.done();
    const user = { id: randomUUIDv7(), email: email.address, ...profile, roles, createdAt: now() };
    if (!(await users.register(user, email.key, await passwords.hash(registration.password))))
      throw userErrors.EMAIL_TAKEN();
    return user;
  };
}
