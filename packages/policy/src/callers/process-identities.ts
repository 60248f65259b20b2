import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { CallerIdentity, CallerVerifier } from "./caller.ts";
import { createCallerVerifier } from "./caller-verifier.ts";
import { SERVICE_ISSUER } from "./service-keys.ts";
import { headerOf, identityOfKey } from "./signed-identity.ts";

/** How services of one process prove their names to each other. The key is made at the start and never leaves the process. */
export interface ProcessIdentities {
  /** Returns the identity of a service of this process. It is good within the process only. */
  identityOf(service: string): CallerIdentity;
  /** Accepts tokens of this process, and those that `verify` accepts. */
  accept(verify: CallerVerifier): CallerVerifier;
}

/** Makes the identities of a process that several services share. */
export function createProcessIdentities(): ProcessIdentities {
  const { privateKey: key, publicKey } = generateKeyPairSync("ed25519");
  const kid = `process-${randomBytes(9).toString("base64url")}`;
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, alg: "EdDSA", use: "sig" };
  const own = createCallerVerifier({ keys: { load: async () => ({ issuer: SERVICE_ISSUER, keys: [jwk] }) } });
  const header = headerOf(kid);
  return {
    identityOf: (service) => identityOfKey({ service, current: () => ({ kid, key }), expire: () => {} }),
    accept(verify) {
      const either: CallerVerifier = (proof, callee) =>
        proof.token?.startsWith(header) ? own(proof, callee) : verify(proof, callee);
      return Object.assign(either, verify.loadKeys ? { loadKeys: verify.loadKeys } : {});
    },
  };
}
