import { type Code, isKontorError } from "@kontor/errors";

/** Declares that a message can never be processed. A handler throws it to make the message a dead letter at once; `cause` is the reason. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

// Named refusals of a domain. INTERNAL, PERMISSION_DENIED or UNIMPLEMENTED may be a bad release or a wrong setting.
const REFUSALS: ReadonlySet<Code> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
]);

/** Returns whether a handler's error excludes the success of later attempts: a {@link PermanentError}, or an error of a catalogue whose code refuses. */
export function isPermanent(error: unknown): boolean {
  return error instanceof PermanentError || (isKontorError(error) && REFUSALS.has(error.code));
}
