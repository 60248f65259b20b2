import { userErrors } from "../domain/errors.ts";
import type { Credentials, LoginAttempt, LoginThrottle, Passwords } from "../ports.ts";

type Deps = { readonly passwords: Passwords; readonly throttle: LoginThrottle };

/**
 * Compares a password. Takes as long and throws the same for an unknown account as for a wrong password. Checks the throttle again
 * afterwards: of many guesses made at once, those beyond the free ones are refused even if they are right.
 */
export function comparePassword({ passwords, throttle }: Deps) {
  return async (
    attempt: LoginAttempt,
    credentials: Credentials | undefined,
    password: string,
  ): Promise<Credentials> => {
    const throttled = await throttle.open({ ...attempt, userId: credentials?.user.id });
    await throttled.check();
    const matches = await passwords.verify(credentials?.passwordHash, password);
    await throttled.check();
    if (!matches || !credentials) {
      await throttled.failed();
      throw userErrors.CREDENTIALS_WRONG();
    }
    await throttled.succeeded();
    return credentials;
  };
}
