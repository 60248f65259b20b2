import { exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { PublicJwk } from "../ports.ts";

/** A key pair as it signs and is published. */
export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly key: CryptoKey;
  readonly activeFrom: Date;
}

/** Makes an Ed25519 pair (RFC 8037). */
export async function generateSigningKey(kid: string): Promise<{ publicJwk: PublicJwk; privateJwk: JWK }> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const privateJwk = await exportJWK(privateKey);
  const { kty, crv, x } = privateJwk;
  if (!kty || !crv || !x) throw new Error("jose exported an incomplete key.");
  return { privateJwk, publicJwk: { kty, crv, x, kid, use: "sig", alg: "EdDSA" } };
}

export async function importSigningKey(privateJwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(privateJwk, "EdDSA", { extractable: false });
  if (key instanceof Uint8Array) throw new Error("The signing key is symmetric.");
  return key;
}
