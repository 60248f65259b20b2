import type { AccessTokens, Sessions } from "../ports.ts";
import { grantSession, type Session } from "./grant-session.ts";

type Deps = { readonly sessions: Sessions; readonly tokens: AccessTokens; readonly now: () => Date };

/**
 * Exchanges a refresh token for its successor. Two tabs that refresh at once, and a client whose response was lost, get the same successor.
 * A use by another client, or a late one, ends the session, because the token may be stolen.
 */
export function refreshSession({ sessions, tokens, now }: Deps) {
  return async (token: string, client: string): Promise<Session> => {
    const at = now();
    const { refresh, ...signed } = await sessions.rotate(token, client, at);
    return grantSession(tokens, signed, refresh, at);
  };
}
