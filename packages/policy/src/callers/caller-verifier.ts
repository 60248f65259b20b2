import { createHash, timingSafeEqual } from "node:crypto";
import { isKontorError } from "@kontor/errors";
import type { JWTHeaderParameters, JWTPayload } from "jose";
import { JWTExpired } from "jose/errors";
import { jwtVerify } from "jose/jwt/verify";
import { ALGORITHMS, createKeySet, isFromTheFuture, type LoadsKeys, monotonicMs, type OnBadKey } from "../key-set.ts";
import { policyErrors } from "../policy-errors.ts";
import { createTokenMemory } from "../token-memory.ts";
import type { CallerProof, CallerVerifier } from "./caller.ts";
import type { ServiceKeySource } from "./service-keys.ts";

/** Which service tokens are good. */
export interface CallerVerifierOptions {
  /** Where the public keys are loaded from. */
  readonly keys: ServiceKeySource;
  /** The prefix of the service's name in `sub`, such as `system:serviceaccount:shop:kontor-`. Default: nothing. */
  readonly subjectPrefix?: string | undefined;
  /** Issuers that are good next to the one that the key source names, for the time in which an issuer is replaced. */
  readonly issuers?: readonly string[];
  /** The services that share an account, by the name of the account. A caller with its token names one of them. Default: none. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** How far clocks may disagree, in seconds. Default 30. */
  readonly skewSeconds?: number;
  /** Called for each key of the source that is skipped because it is malformed. */
  readonly onBadKey?: OnBadKey | undefined;
  /** The clock, in milliseconds since the epoch. Default: the one of the machine. */
  readonly now?: () => number;
}

interface VerifiedCaller {
  readonly token: string;
  readonly service: string;
  readonly callees: readonly string[];
  readonly expiresAt: Date;
}

const LONGEST_TOKEN = 8192;
const REMEMBERED = 500;
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Makes a verifier of service tokens: JWTs signed by EdDSA, ES256 or RS256 with a key of the source, chosen by `kid` alone. The claims
 * `iss`, `sub`, `aud`, `exp`, `iat` and `nbf` must be valid. `aud` names the gRPC service that is called, so a callee cannot use a token that
 * it received against another one. A key that the source binds to a service vouches for that service only.
 *
 * ```ts
 * const verify = createCallerVerifier({ keys: keysFromFile("/run/kontor/keys.json") });
 * const caller = (token: string) =>
 *   verify({ token, sharedName: undefined, sharedToken: undefined }, "shop.payments.v1.PaymentsService");
 * ```
 */
export function createCallerVerifier(options: CallerVerifierOptions): CallerVerifier & LoadsKeys {
  const { keys: source, subjectPrefix = "", skewSeconds = 30, now = Date.now } = options;
  const memory = createTokenMemory<VerifiedCaller>(REMEMBERED);
  const issuers = new Set(options.issuers);
  const load = async () => {
    const set = await source.load();
    issuers.add(set.issuer);
    return set;
  };
  const keys = createKeySet(load, options.now ?? monotonicMs, memory.clear, { ...source, onBadKey: options.onBadKey });

  async function verify(token: string): Promise<VerifiedCaller> {
    if (token.length > LONGEST_TOKEN) throw invalid("it is too long");
    let boundTo: string | undefined;
    const keyFor = async ({ kid, alg }: JWTHeaderParameters) => {
      const known = typeof kid === "string" ? await keys.find(kid) : undefined;
      if (known?.algorithm !== alg || !known) throw invalid("its key is unknown");
      boundTo = known.service;
      return known.key;
    };
    try {
      const { payload } = await jwtVerify(token, keyFor, {
        algorithms: [...ALGORITHMS],
        clockTolerance: skewSeconds,
        requiredClaims: ["iss", "sub", "aud", "exp"],
        currentDate: new Date(now()),
      });
      return callerOf(payload, token, boundTo);
    } catch (cause) {
      if (isKontorError(cause)) throw cause;
      if (cause instanceof JWTExpired) throw policyErrors.SERVICE_TOKEN_EXPIRED({ cause });
      throw invalid("its claims are not those of a service token", cause);
    }
  }

  function callerOf(
    { iss = "", sub = "", aud = [], exp = 0, ...more }: JWTPayload,
    token: string,
    boundTo: string | undefined,
  ): VerifiedCaller {
    if (!issuers.has(iss)) throw invalid("its issuer is unknown");
    const service = sub.startsWith(subjectPrefix) ? sub.slice(subjectPrefix.length) : "";
    if (!NAME.test(service)) throw invalid("its subject is no service of this install");
    if (boundTo !== undefined && boundTo !== service) throw invalid("its key belongs to another service");
    if (isFromTheFuture(more, now())) throw invalid("it was issued in the future");
    return { token, service, callees: typeof aud === "string" ? [aud] : aud, expiresAt: new Date(exp * 1000) };
  }

  async function verifyRemembered({ token, sharedName }: CallerProof, callee: string): Promise<string | undefined> {
    if (!token) return undefined;
    keys.keepFresh();
    let caller = memory.get(token);
    if (!caller) {
      caller = await verify(token);
      memory.add(caller);
    } else if (now() >= caller.expiresAt.getTime() + skewSeconds * 1000) {
      memory.forget(token);
      throw policyErrors.SERVICE_TOKEN_EXPIRED();
    }
    if (!caller.callees.includes(callee)) throw invalid("its audience is another service");
    const members = options.groups?.[caller.service];
    if (members === undefined) return caller.service;
    if (sharedName === undefined || !members.includes(sharedName))
      throw invalid(`its account is that of ${members.join(", ")}, and the caller names none of them`);
    return sharedName;
  }

  return Object.assign(verifyRemembered, { loadKeys: keys.loadKeys });
}

/**
 * Accepts, next to service tokens, callers of versions before them, who send their name and a token that all services share. Also a caller
 * whose service token cannot be verified passes by the shared one: so calls continue while an installation changes from one to the other.
 *
 * @param onUse called for every call that only the shared token admits
 */
export function acceptSharedToken(verify: CallerVerifier, sharedToken: string, onUse: () => void): CallerVerifier {
  const expected = digest(sharedToken);
  async function accept(proof: CallerProof, callee: string): Promise<string | undefined> {
    const shared =
      proof.sharedName && proof.sharedToken && timingSafeEqual(digest(proof.sharedToken), expected)
        ? proof.sharedName
        : undefined;
    if (shared === undefined) return verify(proof, callee);
    const own = await verify(proof, callee).catch(() => undefined);
    if (own === undefined) onUse();
    return own ?? shared;
  }

  return Object.assign(accept, verify.loadKeys ? { loadKeys: verify.loadKeys } : {});
}

const digest = (text: string) => createHash("sha256").update(text).digest();
const invalid = (problem: string, cause?: unknown) => policyErrors.SERVICE_TOKEN_INVALID({ problem }, { cause });
