import { published, type RotationPolicy } from "../domain/signing-keys.ts";
import type { PublicJwk } from "../ports.ts";
import type { KeyStore } from "./key-store.ts";
import type { SigningKey } from "./signing-key.ts";

/** The keys as this process knows them. */
export interface KeyRing {
  /** Rotates the keys if they are due, and reads them again. */
  tend(): Promise<void>;
  /** The key that signs now. */
  current(): SigningKey;
  /** The keys for verifiers, the current one first. */
  publicKeys(): readonly PublicJwk[];
}

type Deps = { readonly keys: KeyStore; readonly policy: RotationPolicy; readonly now: () => Date };

/** Opens the ring, with a first key in it. */
export async function openKeyRing({ keys, policy, now }: Deps): Promise<KeyRing> {
  let known: readonly SigningKey[] = [];
  const ring: KeyRing = {
    async tend() {
      await keys.rotate(now());
      known = await keys.load();
    },
    current() {
      const [key] = published(known, now(), policy);
      if (!key) throw new Error("There is no signing key.");
      return key;
    },
    publicKeys: () => published(known, now(), policy).map(({ publicJwk }) => publicJwk),
  };
  await ring.tend();
  return ring;
}
