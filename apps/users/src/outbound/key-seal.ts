import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** The stored form of a private key. */
interface StoredSecret {
  readonly bytes: Buffer;
  readonly sealed: boolean;
}

/** Seals secrets for storage, and opens them. */
export interface KeySeal {
  seal(kid: string, secret: string): StoredSecret;
  open(kid: string, stored: StoredSecret): string;
}

const IV = 12;
const TAG = 16;

/** AES-256-GCM under a key derived from the secret, bound to the key id. Without a secret nothing is sealed. */
export function createKeySeal(secret: string | undefined): KeySeal {
  const key = secret && Buffer.from(hkdfSync("sha256", secret, "", "kontor users signing keys v1", 32));
  return {
    seal(kid, plain) {
      if (!key) return { bytes: Buffer.from(plain, "utf8"), sealed: false };
      const iv = randomBytes(IV);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(kid));
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return { bytes: Buffer.concat([iv, cipher.getAuthTag(), text]), sealed: true };
    },
    open(kid, { bytes, sealed }) {
      if (!sealed) return bytes.toString("utf8");
      if (!key) throw new Error(`Signing key ${kid} is sealed. Set SIGNING_KEY_SECRET to the secret that sealed it.`);
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV)).setAAD(Buffer.from(kid));
      decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new Error(`Signing key ${kid} was sealed with another SIGNING_KEY_SECRET.`, { cause });
      }
    },
  };
}
