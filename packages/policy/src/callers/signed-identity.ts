import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { JWK } from "jose";
import type { CallerIdentity } from "./caller.ts";
import { rereadFile } from "./reread-file.ts";
import { SERVICE_ISSUER } from "./service-keys.ts";

const LIFETIME_S = 600;
const RENEW_AFTER_MS = (LIFETIME_S / 2) * 1000;

/** How a service signs its own tokens. */
export interface SignedIdentityOptions {
  /** Name of the service, as contracts name it. */
  readonly service: string;
  /** Path of the private key, a JWK (Ed25519) with a `kid`. Another key in its place is used within seconds. */
  readonly keyFile: string;
  /** The token of versions before service tokens, while they still run. */
  readonly sharedToken?: string | undefined;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/**
 * Makes the identity of a service that signs its tokens itself: EdDSA, 10 minutes, one for each callee, signed again after half of
 * that time.
 *
 * ```ts
 * const identity = signedIdentity({ service: "orders", keyFile: "/run/kontor/orders.json" });
 * identity.tokenFor("shop.payments.v1.PaymentsService");
 * ```
 *
 * @throws Error when the key file cannot be used
 */
export function signedIdentity(options: SignedIdentityOptions): CallerIdentity {
  const { keyFile, now = Date.now } = options;
  const file = rereadFile(keyFile, (text) => parseKey(text, keyFile), now);
  return identityOfKey({ ...options, current: file.current, expire: file.expire });
}

/** A service and the key that it signs with now. */
interface KeyedIdentity extends Omit<SignedIdentityOptions, "keyFile"> {
  readonly current: () => SigningKey;
  /** Called when a callee refused a token. */
  readonly expire: () => void;
}

/** Makes the identity of a service from its key. */
export function identityOfKey({
  service,
  sharedToken,
  current,
  expire,
  now = Date.now,
}: KeyedIdentity): CallerIdentity {
  const signed = new Map<string, { readonly token: string; readonly kid: string; readonly renewAt: number }>();
  return {
    service,
    sharedToken,
    tokenFor(callee) {
      const key = current();
      const known = signed.get(callee);
      if (known && known.kid === key.kid && now() < known.renewAt) return known.token;
      const token = signToken(key, { sub: service, aud: callee }, now());
      signed.set(callee, { token, kid: key.kid, renewAt: now() + RENEW_AFTER_MS });
      return token;
    },
    renew(callee) {
      signed.delete(callee);
      expire();
    },
  };
}

interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

function parseKey(text: string, path: string): SigningKey {
  const jwk: JWK = JSON.parse(text);
  if (typeof jwk.kid !== "string") throw new TypeError(`${path} holds no JWK with a "kid".`);
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError(`${path} holds no Ed25519 key.`);
  return { kid: jwk.kid, key };
}

function signToken({ kid, key }: SigningKey, claims: { readonly sub: string; readonly aud: string }, at: number) {
  const iat = Math.floor(at / 1000);
  const input = `${headerOf(kid)}${encoded({ iss: SERVICE_ISSUER, ...claims, iat, exp: iat + LIFETIME_S })}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

/** Returns the beginning of each token by a key. */
export function headerOf(kid: string): string {
  return `${encoded({ alg: "EdDSA", typ: "JWT", kid })}.`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
