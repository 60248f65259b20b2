import type { RefreshTokens, Sessions } from "../ports.ts";

type Deps = { readonly sessions: Sessions; readonly refreshTokens: RefreshTokens; readonly now: () => Date };

/** Ends the session of a refresh token, used or not. */
export function revokeSession({ sessions, refreshTokens, now }: Deps) {
  return (token: string): Promise<void> => sessions.revoke(refreshTokens.hashOf(token), now());
}
