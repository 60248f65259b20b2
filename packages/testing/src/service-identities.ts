import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Proves the name of a service in tests. */
export interface TestIdentity {
  /** Name of the service. */
  readonly service: string;
  /** Returns a token for a callee, the same until it is renewed. */
  tokenFor(callee: string): string;
  /** Drops the token for a callee. */
  renew(callee: string): void;
}

/** Services with a key each, as callees know them. Made without the code under test. */
export interface ServiceIdentities {
  /** Loads the public keys of all services so far. */
  load(): Promise<ServiceKeys>;
  /** Path of a file with the public keys of the services named at the start. */
  readonly keysFile: string;
  /** Returns the identity of a service, with a key made when it is first named. */
  of(service: string): TestIdentity;
  /** A token of the service, with claims and header changed at will. */
  tokenOf(service: string, callee: string, claims?: object, header?: object): string;
}

interface ServiceKeys {
  readonly issuer: string;
  readonly keys: { kid: string; service: string; kty: string; crv: string; x: string; alg: string; use: string }[];
}

const ISSUER = "kontor-services";

/**
 * Creates a key (Ed25519) for each service and publishes the public ones in a temporary file. A later service gets its key at its first
 * use; it is part of `load()`, not of the file.
 *
 * ```ts
 * const identities = createServiceIdentities(["orders"]);
 * identities.of("orders").tokenFor("sample.v1.PaymentsService");
 * ```
 */
export function createServiceIdentities(services: readonly string[] = ["orders"]): ServiceIdentities {
  const pairs = new Map<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>();
  const pairOf = (service: string) => {
    const pair = pairs.get(service) ?? generateKeyPairSync("ed25519");
    pairs.set(service, pair);
    return pair;
  };
  const published = (): ServiceKeys => ({
    issuer: ISSUER,
    keys: [...pairs].map(([service, { publicKey }]) => {
      const { x = "" } = publicKey.export({ format: "jwk" });
      return { kid: `${service}-1`, service, kty: "OKP", crv: "Ed25519", x, alg: "EdDSA", use: "sig" };
    }),
  });
  for (const service of services) pairOf(service);
  const keysFile = join(mkdtempSync(join(tmpdir(), "kontor-identities-")), "keys.json");
  writeFileSync(keysFile, JSON.stringify(published()));

  function tokenOf(service: string, callee: string, claims: object = {}, header: object = {}): string {
    const iat = Math.floor(Date.now() / 1000);
    const parts = [
      { alg: "EdDSA", typ: "JWT", kid: `${service}-1`, ...header },
      { iss: ISSUER, sub: service, aud: callee, iat, exp: iat + 600, ...claims },
    ];
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    return `${input}.${sign(null, Buffer.from(input), pairOf(service).privateKey).toString("base64url")}`;
  }
  return {
    load: async () => published(),
    keysFile,
    of(service) {
      pairOf(service);
      const tokens = new Map<string, string>();
      return {
        service,
        tokenFor(callee) {
          const token = tokens.get(callee) ?? tokenOf(service, callee);
          tokens.set(callee, token);
          return token;
        },
        renew: (callee) => void tokens.delete(callee),
      };
    },
    tokenOf,
  };
}
