import type { JWK } from "jose";
import { importJWK } from "jose/key/import";
import { policyErrors } from "./policy-errors.ts";

/** A JSON Web Key Set (RFC 7517). */
export interface Jwks {
  /** A key of a service that signs its own tokens names it in `service`. */
  readonly keys: readonly (JWK & { readonly service?: unknown })[];
}

/** The signature algorithms a token may use. Nothing symmetric, so a public key can never be taken for a secret. */
export const ALGORITHMS = ["EdDSA", "ES256", "RS256"] as const;

/** One of {@link ALGORITHMS}. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** A public key and the one algorithm it may be used with. */
export interface VerificationKey {
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
  /** The only service it may vouch for, if it is bound to one. */
  readonly service?: string;
}

/** When keys are loaded again, in milliseconds. */
export interface KeySetTiming {
  /** Age at which keys are renewed in the background. Default: 5 minutes. */
  readonly freshMs?: number;
  /** How long after a load an unknown `kid` causes no other one. Default: 10 s. */
  readonly pauseMs?: number;
}

const FRESH_MS = 5 * 60_000;
const UNKNOWN_PAUSE_MS = 10_000;

/**
 * The issuer's keys by `kid`: fetched on first use, renewed every 5 minutes in the background and, at most every 10 s, when
 * a `kid` is unknown. Old keys serve on while the issuer does not answer.
 *
 * @param onWithdrawn called when a key is no longer published
 */
export function createKeySet(
  load: () => Promise<Jwks>,
  now: () => number,
  onWithdrawn: () => void,
  { freshMs = FRESH_MS, pauseMs = UNKNOWN_PAUSE_MS }: KeySetTiming = {},
) {
  let keys: ReadonlyMap<string, VerificationKey> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    triedAt = now();
    try {
      const next = await importKeys(await load());
      const withdrawn = [...(keys?.keys() ?? [])].some((kid) => !next.has(kid));
      keys = next;
      if (withdrawn) onWithdrawn();
    } catch (cause) {
      if (!keys) throw policyErrors.KEYS_UNAVAILABLE({ cause });
    } finally {
      loading = undefined;
    }
  }
  const refresh = () => {
    loading ??= fetchKeys();
    return loading;
  };

  return {
    /** Renews keys that have grown old, without making anyone wait. */
    keepFresh(): void {
      if (keys && now() - triedAt >= freshMs) void refresh();
    },
    /** The key of that name, if the issuer publishes it. */
    async find(kid: string): Promise<VerificationKey | undefined> {
      if (!keys) await refresh();
      const found = keys?.get(kid);
      if (found) return found;
      if (loading || now() - triedAt >= pauseMs) await refresh();
      return keys?.get(kid);
    },
  };
}

async function importKeys(jwks: Jwks): Promise<ReadonlyMap<string, VerificationKey>> {
  const keys = new Map<string, VerificationKey>();
  for (const jwk of jwks.keys) {
    const algorithm = algorithmOf(jwk);
    if (!jwk.kid || !algorithm || (jwk.use && jwk.use !== "sig")) continue;
    const { kty, crv, x, y, n, e } = jwk;
    const key = await importJWK({ kty, crv, x, y, n, e } as JWK, algorithm);
    const { service } = jwk;
    if (!(key instanceof Uint8Array))
      keys.set(jwk.kid, { algorithm, key, ...(typeof service === "string" && { service }) });
  }
  return keys;
}

/** The key's type decides; what it claims as `alg` must agree. */
function algorithmOf({ kty, crv, alg }: JWK): Algorithm | undefined {
  const fits = ALGORITHMS.find(
    (name) =>
      (name === "EdDSA" && kty === "OKP" && crv === "Ed25519") ||
      (name === "ES256" && kty === "EC" && crv === "P-256") ||
      (name === "RS256" && kty === "RSA"),
  );
  const claimed = alg === "Ed25519" ? "EdDSA" : alg;
  return claimed === undefined || claimed === fits ? fits : undefined;
}
