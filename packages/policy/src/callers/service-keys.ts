import { readFile } from "node:fs/promises";
import type { Jwks } from "../key-set.ts";

/** The `iss` of tokens that services sign themselves. */
export const SERVICE_ISSUER = "kontor-services";

/** The public keys of service tokens, and the issuers of those tokens. */
export interface ServiceKeySet extends Jwks {
  /** `iss` of tokens signed by these keys. */
  readonly issuer: string;
}

/** Loads the public keys. Called rarely: see the package's README. */
export interface ServiceKeySource {
  /** Loads the keys. A failure leaves the former ones in use. */
  load(): Promise<ServiceKeySet>;
  /** How old keys may get, in milliseconds, before they are loaded again in the background. */
  readonly freshMs?: number;
  /** How long after a load an unknown `kid` causes no other one, in milliseconds. */
  readonly pauseMs?: number;
}

/**
 * Reads keys from a file: `{ "issuer": …, "keys": [ … ] }`. A key with the member `service` is good for that service only; a key
 * without one is good for all, as those of a cluster are. Without `issuer` it is {@link SERVICE_ISSUER}.
 */
export function keysFromFile(path: string): ServiceKeySource {
  return {
    async load() {
      const { issuer = SERVICE_ISSUER, keys }: Partial<ServiceKeySet> = JSON.parse(await readFile(path, "utf8"));
      if (!Array.isArray(keys)) throw new TypeError(`${path} is not a key set: it has no array "keys".`);
      return { issuer, keys };
    },
    freshMs: 5_000,
    pauseMs: 500,
  };
}
