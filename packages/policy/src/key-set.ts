import type { JWK, JWTPayload } from "jose";
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
type Algorithm = (typeof ALGORITHMS)[number];

/** A public key and the one algorithm it may be used with. */
export interface VerificationKey {
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
  /** The only service it may vouch for, if it is bound to one. */
  readonly service?: string;
}

/** Receives the `kid` of a published key that is malformed, if it has one, and its fault. */
export type OnBadKey = (kid: string | undefined, cause: unknown) => void;

/** A set of verifying keys that it loads itself. */
export interface LoadsKeys {
  /**
   * Loads the keys unless they are loaded, so that the first token does not depend on their source.
   *
   * @throws KontorError UNAVAILABLE (KEYS_UNAVAILABLE) if the source fails
   */
  loadKeys(): Promise<void>;
}

/** The times of loading keys again, in milliseconds, and the function that receives malformed ones. */
export interface KeySetOptions {
  /** Age at which keys are renewed in the background. Default: 5 minutes. */
  readonly freshMs?: number;
  /** How long after a load an unknown `kid` causes no other one. Default: 10 s. */
  readonly pauseMs?: number;
  /** Called for each key that is skipped because it is malformed. */
  readonly onBadKey?: OnBadKey | undefined;
}

const FRESH_MS = 5 * 60_000;
const UNKNOWN_PAUSE_MS = 10_000;

/**
 * Creates the set of the issuer's keys by `kid`. It fetches them by `loadKeys` or on first use, and renews them every 5 minutes in the
 * background. An unknown `kid` renews them too, once per 10 s. Old keys remain in use while the issuer does not respond.
 *
 * @param onWithdrawn called when a key is no longer published
 */
export function createKeySet(
  load: () => Promise<Jwks>,
  now: () => number,
  onWithdrawn: () => void,
  { freshMs = FRESH_MS, pauseMs = UNKNOWN_PAUSE_MS, onBadKey = () => {} }: KeySetOptions = {},
) {
  let keys: ReadonlyMap<string, VerificationKey> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    triedAt = now();
    try {
      const next = await importKeys(await load(), onBadKey);
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
    /** Loads the keys unless they are there. @throws KontorError KEYS_UNAVAILABLE */
    loadKeys: async (): Promise<void> => (keys ? undefined : refresh()),
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

/** Imports verifying keys. Skips a malformed key, so that the other keys remain usable. */
async function importKeys(jwks: Jwks, onBadKey: OnBadKey): Promise<ReadonlyMap<string, VerificationKey>> {
  const keys = new Map<string, VerificationKey>();
  for (const jwk of jwks.keys) {
    try {
      const key = await importKey(jwk);
      if (key !== undefined && jwk.kid) keys.set(jwk.kid, key);
    } catch (cause) {
      onBadKey(typeof jwk?.kid === "string" ? jwk.kid : undefined, cause);
    }
  }
  return keys;
}

/** Imports a key; undefined for one that signs nothing here, such as a symmetric one. @throws Error when it is malformed */
async function importKey(jwk: Jwks["keys"][number]): Promise<VerificationKey | undefined> {
  const algorithm = algorithmOf(jwk);
  if (!algorithm || (jwk.use && jwk.use !== "sig")) return undefined;
  const { kty, crv, x, y, n, e, service } = jwk;
  const key = await importJWK({ kty, crv, x, y, n, e } as JWK, algorithm);
  if (key instanceof Uint8Array) return undefined;
  const { modulusLength } = key.algorithm as { modulusLength?: number };
  if (modulusLength !== undefined && modulusLength < 2048) throw new RangeError("An RSA key has at least 2048 bits.");
  return { algorithm, key, ...(typeof service === "string" && { service }) };
}

/** Measures intervals: a machine whose clock is set loads keys as before. */
export const monotonicMs = (): number => performance.now();

/** Returns whether a token claims to be issued more than a minute ahead: no clock of ours is that far off. */
export function isFromTheFuture({ iat = 0 }: JWTPayload, nowMs: number): boolean {
  return iat * 1000 > nowMs + 60_000;
}

/** Returns the algorithm of a key by its type; its `alg` must agree. */
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
