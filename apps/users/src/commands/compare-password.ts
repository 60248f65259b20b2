import { userErrors } from "../domain/errors.ts";
import type { Credentials, LoginThrottle, Passwords } from "../ports.ts";

type Needs = { readonly passwords: Passwords; readonly throttle: LoginThrottle };

/**
 * Compares a password, and answers the same for no account as for a wrong password, in the same time. Asks the throttle
 * again afterwards: of many guesses made at once, those beyond the limit are refused even if they are right.
 */
export function comparePassword({ passwords, throttle }: Needs) {
  return async (email: string, credentials: Credentials | undefined, password: string): Promise<Credentials> => {
    const account = credentials?.user.email ?? email; // One count per account, however its address is spelt.
    await throttle.check(account);
    const matches = await passwords.verify(credentials?.passwordHash, password);
    await throttle.check(account);
    if (!matches || !credentials) {
      await throttle.failed(account);
      throw userErrors.CREDENTIALS_WRONG();
    }
    await throttle.succeeded(account);
    return credentials;
  };
}
