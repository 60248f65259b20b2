export type { KeyedRequest } from "./claim-store.ts";
export { IN_FLIGHT_RETRY_MS, idempotencyErrors, KEY_REUSED_STATUS } from "./errors.ts";
export {
  type CallLimits,
  type Claim,
  createIdempotency,
  type Idempotency,
  type IdempotencyOptions,
  type KeyedWork,
} from "./idempotency.ts";
export { keyViolation, requestHash } from "./key.ts";
export { knownUnlessValid } from "./known-first.ts";
export { isRefusal, isRefusalCode } from "./refusal.ts";
export { keyRetention } from "./retention.ts";
export { idempotencySettings } from "./settings.ts";
export { idempotencyTables } from "./tables.ts";
