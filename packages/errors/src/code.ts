/** The canonical status codes of gRPC except OK, under the names of `google.rpc.Code`. */
export const CODES = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** A canonical status code. Its number on the wire is its place in {@link CODES} plus one. */
export type Code = (typeof CODES)[number];

/** Returns whether a call that failed with this code may succeed later, without a change by anyone. */
export function isTransientCode(code: Code): boolean {
  return code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED" || code === "ABORTED" || code === "RESOURCE_EXHAUSTED";
}
