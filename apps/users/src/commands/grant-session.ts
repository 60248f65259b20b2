import type { AccessTokens, RefreshToken, Signed } from "../ports.ts";

/** The tokens of a client that acts for a user. */
export type Session = {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly userId: string;
};

/** Puts the tokens of a session together. */
export async function grantSession(
  tokens: AccessTokens,
  signed: Signed,
  refresh: RefreshToken,
  at: Date,
): Promise<Session> {
  return {
    accessToken: await tokens.issue(signed, at),
    expiresInSeconds: Math.floor(tokens.ttlMs / 1000),
    refreshToken: refresh.token,
    userId: signed.user.id,
  };
}
