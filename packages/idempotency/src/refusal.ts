import { type Code, KontorError, type KontorErrorInit } from "@kontor/errors";
import { idempotencyErrors } from "./errors.ts";

const REFUSALS: ReadonlySet<Code> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
]);

/**
 * Returns whether an error with this code settles a request. All other codes are transient or do not depend on the request: UNAVAILABLE,
 * DEADLINE_EXCEEDED, ABORTED, RESOURCE_EXHAUSTED, CANCELLED, INTERNAL, UNKNOWN, DATA_LOSS, UNIMPLEMENTED, and UNAUTHENTICATED and
 * PERMISSION_DENIED, which depend on the caller.
 */
export function isRefusalCode(code: Code): boolean {
  return REFUSALS.has(code);
}

/**
 * Returns whether an error settles the key of its request. A bug and a reused key never do.
 *
 * ```ts
 * const final = (error: unknown) => isRefusal(error); // True for NOT_FOUND, false for UNAVAILABLE.
 * ```
 */
export function isRefusal(error: unknown): error is KontorError {
  if (!(error instanceof KontorError) || error.domain === idempotencyErrors.IDEMPOTENCY_KEY_REUSED.domain) return false;
  return isRefusalCode(error.code);
}

/** Returns the JSON of a refusal: code, reason, domain, message with its translations, facts and violations. */
export function encodeRefusal(refusal: KontorError): string {
  const { code, reason, domain, message, translations, metadata, violations, retryAfterMs } = refusal;
  const init: KontorErrorInit = { code, reason, domain, message, translations, metadata, violations, retryAfterMs };
  return JSON.stringify(init);
}

/** Returns the refusal that {@link encodeRefusal} stored; it equals the first one on the wire. */
export function decodeRefusal(json: string): KontorError {
  const init: KontorErrorInit = JSON.parse(json);
  return new KontorError(init);
}
