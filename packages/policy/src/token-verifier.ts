import { isKontorError } from "@kontor/errors";
import type { JWTHeaderParameters, JWTPayload } from "jose";
import { JWTExpired } from "jose/errors";
import { jwtVerify } from "jose/jwt/verify";
import {
  ALGORITHMS,
  createKeySet,
  isFromTheFuture,
  type Jwks,
  type LoadsKeys,
  monotonicMs,
  type OnBadKey,
} from "./key-set.ts";
import { policyErrors } from "./policy-errors.ts";
import type { Principal } from "./principal.ts";
import { createTokenMemory } from "./token-memory.ts";

/** Whose tokens are good, and how they are checked. */
export interface TokenVerifierOptions {
  /** `iss` of a good token. */
  readonly issuer: string;
  /** `aud` of a good token. */
  readonly audience: string;
  /** Fetches the issuer's public keys. Called rarely: see the package's README. */
  readonly keys: () => Promise<Jwks>;
  /** The tolerated difference of clocks, in seconds. Default: 30; the limit is 60. */
  readonly skewSeconds?: number;
  /** The number of verified tokens that are cached. Default: 2000. */
  readonly remember?: number;
  /** Called for each published key that is skipped because it is malformed. */
  readonly onBadKey?: OnBadKey | undefined;
  /** The clock, in milliseconds since the epoch. Default: the one of the machine. */
  readonly now?: () => number;
}

/**
 * Verifies an access token, without a `Bearer ` before it.
 *
 * @throws KontorError UNAUTHENTICATED (TOKEN_INVALID, TOKEN_EXPIRED), or UNAVAILABLE (KEYS_UNAVAILABLE) if no keys could ever be fetched
 */
export type TokenVerifier = (token: string) => Promise<Principal>;

const LONGEST_TOKEN = 8192;

/**
 * Makes a verifier of access tokens (RFC 9068): signed by EdDSA, ES256 or RS256 with a key the issuer publishes, `typ` at+jwt. `iss`,
 * `aud`, `sub`, `exp` and `nbf` must be valid, `iat` at most a minute ahead. Only `kid` chooses a key; `jwk`, `jku` and `x5u` in a header
 * are ignored.
 *
 * ```ts
 * const verify = createTokenVerifier({
 *   issuer: "https://shop.example.com",
 *   audience: "kontor",
 *   keys: async () => (await (await fetch("https://shop.example.com/.well-known/jwks.json")).json()) as Jwks,
 * });
 * const isValid = async (token: string) => (await verify(token)).expiresAt > new Date();
 * ```
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier & LoadsKeys {
  const { issuer, audience, skewSeconds = 30, now = Date.now } = options;
  if (skewSeconds > 60) throw new RangeError("skewSeconds is at most 60.");
  const memory = createTokenMemory<Principal>(options.remember ?? 2000);
  const keys = createKeySet(options.keys, options.now ?? monotonicMs, memory.clear, { onBadKey: options.onBadKey });

  async function keyFor({ kid, alg }: JWTHeaderParameters) {
    const known = typeof kid === "string" ? await keys.find(kid) : undefined;
    if (known?.algorithm !== alg || !known) throw policyErrors.TOKEN_INVALID({ cause: new Error("unknown key") });
    return known.key;
  }

  async function verify(token: string): Promise<Principal> {
    if (token.length > LONGEST_TOKEN) throw policyErrors.TOKEN_INVALID();
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: [...ALGORITHMS],
        typ: "at+jwt",
        issuer,
        audience,
        clockTolerance: skewSeconds,
        requiredClaims: ["sub", "exp"],
        currentDate: new Date(now()),
      });
      if (isFromTheFuture(payload, now())) throw policyErrors.TOKEN_INVALID();
      return principalOf(payload, token);
    } catch (cause) {
      if (isKontorError(cause)) throw cause;
      if (cause instanceof JWTExpired) throw policyErrors.TOKEN_EXPIRED({ cause });
      throw policyErrors.TOKEN_INVALID({ cause });
    }
  }

  async function verifyRemembered(token: string): Promise<Principal> {
    keys.keepFresh();
    const remembered = memory.get(token);
    if (remembered) {
      if (now() < remembered.expiresAt.getTime() + skewSeconds * 1000) return remembered;
      memory.forget(token);
      throw policyErrors.TOKEN_EXPIRED();
    }
    const principal = await verify(token);
    memory.add(principal);
    return principal;
  }

  return Object.assign(verifyRemembered, { loadKeys: keys.loadKeys });
}

function principalOf(payload: JWTPayload, token: string): Principal {
  const { sub, exp, scope, roles, sid } = payload;
  if (!sub || typeof sub !== "string" || exp === undefined) throw policyErrors.TOKEN_INVALID();
  return {
    subject: sub,
    scopes: new Set(typeof scope === "string" ? scope.split(" ").filter(Boolean) : []),
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
    sessionId: typeof sid === "string" ? sid : undefined,
    token,
    expiresAt: new Date(exp * 1000),
  };
}
