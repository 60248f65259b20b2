import { generateKeyPairSync, sign } from "node:crypto";

export const ISSUER = "https://users.test";
export const AUDIENCE = "kontor";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const { x = "" } = publicKey.export({ format: "jwk" });

export const keys = async () => ({ keys: [{ kty: "OKP", crv: "Ed25519", x, kid: "k1", alg: "EdDSA", use: "sig" }] });

/** An access token as users makes it. */
export function tokenWith(...scopes: readonly string[]): string {
  const iat = Math.floor(Date.now() / 1000);
  const header = { alg: "EdDSA", typ: "at+jwt", kid: "k1" };
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: "staff", scope: scopes.join(" "), iat, exp: iat + 600 };
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
}
