import type { AccessTokens, RefreshTokens, Sessions } from "../ports.ts";
import { grantSession, type Session } from "./grant-session.ts";

type Needs = {
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly now: () => Date;
};

/**
 * Trades a refresh token for the next one. Of two uses at once one succeeds and the other counts as reuse, which ends the
 * session for both: a client refreshes one at a time, and a thief who races it is noticed.
 */
export function refreshSession({ sessions, tokens, refreshTokens, now }: Needs) {
  return async (token: string): Promise<Session> => {
    const at = now();
    const next = refreshTokens.make(at);
    const signed = await sessions.rotate(refreshTokens.hashOf(token), next, at);
    return grantSession(tokens, signed, next, at);
  };
}
