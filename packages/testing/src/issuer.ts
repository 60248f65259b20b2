import { generateKeyPairSync, sign } from "node:crypto";

/** Issues access tokens as the users service does, for tests of services that only verify them. */
export interface Issuer {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** `aud` of its tokens. */
  readonly audience: string;
  /** Returns its public keys, as the users service publishes them. */
  readonly keys: () => Promise<{
    keys: { kty: string; crv: string; x: string; kid: string; alg: string; use: string }[];
  }>;
  /** Returns a token for a user with these scopes, valid for ten minutes. */
  tokenOf(subject: string, scopes: readonly string[]): string;
}

/**
 * Creates an issuer with a new signing key (Ed25519). Its tokens are valid for ten minutes.
 *
 * ```ts
 * const issuer = createIssuer();
 * issuer.tokenOf("u-1", ["orders.read"]);
 * ```
 */
export function createIssuer(): Issuer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  const issuer = "https://users.test";
  const audience = "kontor";
  return {
    issuer,
    audience,
    keys: async () => ({ keys: [{ kty: "OKP", crv: "Ed25519", x, kid: "k1", alg: "EdDSA", use: "sig" }] }),
    tokenOf(subject, scopes) {
      const iat = Math.floor(Date.now() / 1000);
      const header = { alg: "EdDSA", typ: "at+jwt", kid: "k1" };
      const claims = { iss: issuer, aud: audience, sub: subject, scope: scopes.join(" "), iat, exp: iat + 600 };
      const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
      return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
    },
  };
}
