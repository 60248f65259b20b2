import { type Code, defineErrors, isKontorError, type KontorError } from "@kontor/errors";

/** The errors of the engine itself. */
export const sagaErrors = defineErrors("saga.kontor", {
  SAGA_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { saga: string; sagaId: string }) => `Saga ${f.saga} ${f.sagaId} does not exist.`,
    de: "Die Saga {saga} {sagaId} gibt es nicht.",
  },
  SAGA_UNKNOWN: {
    code: "INTERNAL",
    message: (f: { saga: string }) => `This engine has no saga named ${f.saga}.`,
    de: "Eine Saga {saga} ist hier nicht bekannt.",
  },
  SAGA_STATE_NOT_JSON: {
    code: "INVALID_ARGUMENT",
    message: (f: { saga: string }) => `The state of ${f.saga} cannot be stored as JSON.`,
    de: "Der Zustand von {saga} kann nicht als JSON gespeichert werden.",
  },
  STEP_TIMEOUT: {
    code: "DEADLINE_EXCEEDED",
    message: (f: { step: string; timeoutMs: number }) =>
      `Step ${f.step} did not respond within ${f.timeoutMs} ms; whether it happened is unknown.`,
    de: "Der Schritt {step} antwortete nicht innerhalb von {timeoutMs} ms. Ob er geschah, ist unbekannt.",
  },
});

/**
 * Codes that refuse a request permanently. After any other code the outcome is unknown, or the fault is on the caller's side:
 * PERMISSION_DENIED, UNAUTHENTICATED and UNIMPLEMENTED while secrets rotate and versions mix.
 */
const definite: ReadonlySet<Code> = new Set<Code>([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "DATA_LOSS",
]);

/** Returns whether a retry is pointless. It is not for INTERNAL, UNKNOWN and bugs: after a timeout or a crash of the callee the outcome is unknown. */
export function isDefinite(error: unknown): error is KontorError {
  return isKontorError(error) && definite.has(error.code);
}

/** Returns one line for `last_error` and logs. */
export function describeError(error: unknown): string {
  if (isKontorError(error)) return `${error.code} ${error.reason}: ${error.message}`.slice(0, 500);
  return String(error).slice(0, 500);
}
