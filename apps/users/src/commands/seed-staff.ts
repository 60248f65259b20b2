import { isKontorError } from "@kontor/errors";
import { parseMailAddress } from "@kontor/text";
import { createCheck } from "../domain/check.ts";
import { checkNewPassword } from "../domain/password.ts";
import type { CredentialStore, Passwords, Users } from "../ports.ts";
import type { registerUser } from "./register-user.ts";

type Deps = {
  readonly users: Users;
  readonly credentials: CredentialStore;
  readonly passwords: Passwords;
  readonly register: ReturnType<typeof registerUser>;
  readonly now: () => Date;
};

/**
 * Creates the first administrator. An existing account remains unchanged while there is an administrator: an earlier registration of that
 * address must not gain rights by it. Without any administrator the account becomes one, with this password and without its sessions, so
 * that an earlier registrant gains nothing either.
 */
export function seedStaff({ users, credentials, passwords, register, now }: Deps) {
  return async (email: string, password: string): Promise<"created" | "existing" | "restored"> => {
    const found = await credentials.ofEmail(email, parseMailAddress(email)?.key);
    if (found) {
      if (await users.hasAdmin()) return "existing";
      const check = createCheck();
      checkNewPassword(password, found.user.email, check);
      check.done();
      return (await users.restoreAdmin(found.user.id, await passwords.hash(password), now())) ? "restored" : "existing";
    }
    try {
      await register({ email, password, displayName: "Staff", locale: "en" }, ["staff", "admin"]);
      return "created";
    } catch (error) {
      // Another replica was quicker.
      if (isKontorError(error, "EMAIL_TAKEN")) return "existing";
      throw error;
    }
  };
}
