import { defineErrors } from "@kontor/errors";

/** How a repeated request is refused, by the edge and by services alike. The keys are public. */
export const idempotencyErrors = defineErrors("idempotency.kontor", {
  IDEMPOTENCY_KEY_REUSED: {
    code: "FAILED_PRECONDITION",
    message: "The idempotency key was used for another request. Use a new key for a new request.",
    de: "Der Idempotenzschlüssel gehört zu einer anderen Anfrage. Benutzen Sie für eine neue Anfrage einen neuen Schlüssel.",
  },
  IDEMPOTENCY_IN_FLIGHT: {
    code: "ABORTED",
    message: "The first request with this idempotency key is still running. Repeat it after the time in Retry-After.",
    de: "Die erste Anfrage mit diesem Idempotenzschlüssel läuft noch. Wiederholen Sie sie nach der Zeit in Retry-After.",
  },
});

/** HTTP status of IDEMPOTENCY_KEY_REUSED, whichever RPC returns it. */
export const KEY_REUSED_STATUS = 422;

/** Time after which a request whose key is in flight is worth repeating, in milliseconds. */
export const IN_FLIGHT_RETRY_MS = 1_000;
