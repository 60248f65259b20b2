import { generateKeyPairSync, sign } from "node:crypto";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const { x = "" } = publicKey.export({ format: "jwk" });

/** Issues access tokens as users does. */
export const issuer = {
  tokenIssuer: "https://users.test",
  tokenAudience: "kontor",
  keys: async () => ({ keys: [{ kty: "OKP", crv: "Ed25519", x, kid: "k1", alg: "EdDSA", use: "sig" }] }),
  tokenOf(subject: string, scope: string): string {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: "https://users.test", aud: "kontor", sub: subject, scope, iat, exp: iat + 600 };
    const parts = [{ alg: "EdDSA", typ: "at+jwt", kid: "k1" }, claims];
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
  },
};
