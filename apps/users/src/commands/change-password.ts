import { parseMailAddress } from "@kontor/text";
import { createCheck } from "../domain/check.ts";
import { userErrors } from "../domain/errors.ts";
import { checkNewPassword } from "../domain/password.ts";
import type { Caller, Client, CredentialStore, Passwords } from "../ports.ts";
import type { comparePassword } from "./compare-password.ts";

type Deps = {
  readonly credentials: CredentialStore;
  readonly compare: ReturnType<typeof comparePassword>;
  readonly passwords: Passwords;
  readonly now: () => Date;
};

export type PasswordChange = {
  readonly userId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
  /** The caller, whose session continues. */
  readonly caller: Caller;
  readonly client: Client;
};

/** Changes the password and ends the user's other sessions. Guesses count as failed sign-ins. */
export function changePassword({ credentials, compare, passwords, now }: Deps) {
  return async ({ userId, currentPassword, newPassword, caller, client }: PasswordChange): Promise<void> => {
    const found = await credentials.ofUser(userId);
    if (!found) throw userErrors.USER_NOT_FOUND({ userId });
    const check = createCheck();
    checkNewPassword(newPassword, found.user.email, check, "newPassword");
    check.done();
    const account = parseMailAddress(found.user.email)?.key ?? found.user.email;
    await compare({ account, client, device: caller.sessionId }, found, currentPassword);
    const replaced = await credentials.replace(found, await passwords.hash(newPassword), caller, now());
    if (!replaced) throw userErrors.CREDENTIALS_WRONG(); // Another change was quicker.
  };
}
