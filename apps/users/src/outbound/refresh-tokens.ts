import { createHash, createHmac, randomBytes } from "node:crypto";
import type { RefreshTokens } from "../ports.ts";

/**
 * Refresh tokens: the session, which the edge counts requests by, a dot, and 256 secret bits, so that a fast hash of them suffices. The
 * secret of a successor is derived from the token before it and a random salt. The database has the salt and hashes, from which no token
 * can be derived.
 */
export function createRefreshTokens(ttlMs: number): RefreshTokens {
  const hashOf = (token: string) => createHash("sha256").update(token).digest();
  const tokenOf = (sessionId: string, secret: Buffer, at: Date) => {
    const session = Buffer.from(sessionId.replaceAll("-", ""), "hex").toString("base64url");
    const token = `${session}.${secret.toString("base64url")}`;
    return { token, hash: hashOf(token), expiresAt: new Date(at.getTime() + ttlMs) };
  };
  return {
    hashOf,
    newSalt: () => randomBytes(32),
    first: (sessionId, at) => tokenOf(sessionId, randomBytes(32), at),
    successor: (token, salt, sessionId, at) =>
      tokenOf(sessionId, createHmac("sha256", salt).update(token).digest(), at),
  };
}
