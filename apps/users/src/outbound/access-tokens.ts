import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { scopesOf } from "../domain/role.ts";
import type { AccessTokens } from "../ports.ts";
import type { KeyRing } from "./key-ring.ts";

type Deps = {
  readonly ring: KeyRing;
  readonly issuer: string;
  readonly audience: string;
  readonly ttlMs: number;
};

/** Access tokens as RFC 9068 has them, signed by the current key. `sid` names the session. */
export function createAccessTokens({ ring, issuer, audience, ttlMs }: Deps): AccessTokens {
  return {
    ttlMs,
    issue({ user, sessionId }, at) {
      const { kid, key } = ring.current();
      const seconds = Math.floor(at.getTime() / 1000);
      return new SignJWT({ scope: scopesOf(user.roles).join(" "), roles: [...user.roles], sid: sessionId })
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(user.id)
        .setJti(randomUUID())
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + Math.floor(ttlMs / 1000))
        .sign(key);
    },
  };
}
