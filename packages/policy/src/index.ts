export { authorise, NO_CALLER, requireIdempotencyKey } from "./authorise.ts";
export { type CallerIdentity, type CallerProof, type CallerVerifier, noCallers } from "./callers/caller.ts";
export { acceptSharedToken, type CallerVerifierOptions, createCallerVerifier } from "./callers/caller-verifier.ts";
export { keysFromCluster } from "./callers/cluster-keys.ts";
export { type FolderIdentityOptions, folderIdentity } from "./callers/folder-identity.ts";
export { type KeyFolder, openKeyFolder, rotateKeys } from "./callers/key-folder.ts";
export { createProcessIdentities, type ProcessIdentities } from "./callers/process-identities.ts";
export { keysFromFile, SERVICE_ISSUER, type ServiceKeySet, type ServiceKeySource } from "./callers/service-keys.ts";
export { type SignedIdentityOptions, signedIdentity } from "./callers/signed-identity.ts";
export { checkPolicies } from "./check-policies.ts";
export { declaredOption, knowsOptions } from "./declared-option.ts";
export { type FieldReader, jsonPath, type Received, readField } from "./field.ts";
export { jsonRules } from "./json-rules.ts";
export type { Jwks, LoadsKeys, OnBadKey } from "./key-set.ts";
export { loosenedAccess } from "./loosened-access.ts";
export {
  DEFAULT_TIMEOUT_MS,
  type MethodAuth,
  type MethodIdempotency,
  type MethodPolicy,
  methodPolicy,
  PolicyError,
} from "./method-policy.ts";
export { type MethodResource, methodResource } from "./method-resource.ts";
export { type MethodStatuses, methodStatuses } from "./method-statuses.ts";
export { policyErrors } from "./policy-errors.ts";
export type { Principal } from "./principal.ts";
export {
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
} from "./token-verifier.ts";
