import { createHash, randomBytes } from "node:crypto";
import type { RefreshTokens } from "../ports.ts";

/** Refresh tokens of 256 random bits. So a fast hash of them suffices. */
export function createRefreshTokens(ttlMs: number): RefreshTokens {
  const hashOf = (token: string) => createHash("sha256").update(token).digest();
  return {
    hashOf,
    make(at) {
      const token = randomBytes(32).toString("base64url");
      return { token, hash: hashOf(token), expiresAt: new Date(at.getTime() + ttlMs) };
    },
  };
}
