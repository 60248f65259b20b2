import { randomUUID } from "node:crypto";
import { violation } from "@kontor/errors";
import { parseMailAddress } from "@kontor/text";
import { createCheck } from "../domain/check.ts";
import { userErrors } from "../domain/errors.ts";
import type { AccessTokens, Client, CredentialStore, RefreshTokens, Sessions } from "../ports.ts";
import type { comparePassword } from "./compare-password.ts";
import { grantSession, type Session } from "./grant-session.ts";

type Deps = {
  readonly credentials: CredentialStore;
  readonly compare: ReturnType<typeof comparePassword>;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly now: () => Date;
};

export type LogIn = {
  readonly email: string;
  readonly password: string;
  readonly client: Client;
  /** A refresh token of an earlier session on the device. */
  readonly refreshToken: string | undefined;
};

/** Begins a session. */
export function logIn({ credentials, compare, sessions, tokens, refreshTokens, now }: Deps) {
  return async ({ client, refreshToken, ...request }: LogIn): Promise<Session> => {
    const check = createCheck();
    const email = parseMailAddress(request.email);
    const account = await credentials.ofEmail(request.email, email?.key);
    check.that(email !== undefined || account !== undefined, violation("email", "NOT_AN_EMAIL"));
    check.done();
    const found = await compare(
      { account: email?.key ?? request.email, client, refreshToken },
      account,
      request.password,
    );
    const at = now();
    const sessionId = randomUUID();
    const refresh = refreshTokens.first(sessionId, at);
    const signed = await sessions.open(found, sessionId, refresh, at);
    if (!signed) throw userErrors.CREDENTIALS_WRONG(); // The password was changed in between.
    return grantSession(tokens, signed, refresh, at);
  };
}
