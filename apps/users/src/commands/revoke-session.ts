import type { RefreshTokens, Sessions } from "../ports.ts";

type Needs = { readonly sessions: Sessions; readonly refreshTokens: RefreshTokens; readonly now: () => Date };

/** Ends the session of a refresh token, used or not. */
export function revokeSession({ sessions, refreshTokens, now }: Needs) {
  return (token: string): Promise<void> => sessions.revoke(refreshTokens.hashOf(token), now());
}
