export {
  authorise,
  type CallerCheck,
  createCallerCheck,
  requireIdempotencyKey,
} from "./authorise.ts";
export { checkPolicies } from "./check-policies.ts";
export { type FieldReader, jsonPath, readField } from "./field.ts";
export type { Jwks } from "./key-set.ts";
export { loosenedAccess } from "./loosened-access.ts";
export {
  DEFAULT_TIMEOUT_MS,
  type MethodAuth,
  type MethodIdempotency,
  type MethodPolicy,
  methodPolicy,
  PolicyError,
} from "./method-policy.ts";
export { policyErrors } from "./policy-errors.ts";
export type { Principal } from "./principal.ts";
export {
  createTokenVerifier,
  type TokenVerifier,
  type TokenVerifierOptions,
} from "./token-verifier.ts";
