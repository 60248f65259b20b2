const sameKey = "with the same idempotency key";

/** What a client can do about an error, by its code. */
export const byCode = {
  CANCELLED: "Nothing, if you gave up yourself. Whether it happened is not known: read the state before you repeat.",
  UNKNOWN: "Report it with the request id.",
  INVALID_ARGUMENT:
    "Change the request: `errors`, where present, names what is wrong. Unchanged, it will be refused again.",
  DEADLINE_EXCEEDED: `Whether it happened is not known. Repeat it ${sameKey}; you will get the first answer if there is one.`,
  NOT_FOUND: "Check the name or id. What belongs to someone else looks as if it did not exist.",
  ALREADY_EXISTS: "Read what exists, and choose another id or key if it is not what you meant.",
  PERMISSION_DENIED: "Ask with an account that may. Repeating it does not help.",
  RESOURCE_EXHAUSTED: `Wait as long as \`Retry-After\` says, or a little longer each time, and repeat it ${sameKey}.`,
  FAILED_PRECONDITION:
    "Read the present state and decide again. The unchanged request is refused as long as the state stays the same.",
  ABORTED: `Somebody else was quicker. Repeat it ${sameKey}, after reading again what it depends on.`,
  UNIMPLEMENTED: "Use another call. Repeating it does not help.",
  INTERNAL: "Report it with the request id: it is our mistake. Repeating it rarely helps.",
  UNAVAILABLE: `Wait as long as \`Retry-After\` says, or a little longer each time, and repeat it ${sameKey}.`,
  UNAUTHENTICATED: "Sign in, or refresh the session, and repeat it with the new access token.",
};

/** Advice that is added to the general one, or replaces it. */
export const byReason = {
  COMMIT_OUTCOME_UNKNOWN: `Whether it happened is not known. Repeat it ${sameKey}; you will get the first answer if there is one.`,
  CREDENTIALS_WRONG: "Let the user type them again. Which of the two is wrong is not told, on purpose.",
  IDEMPOTENCY_ANSWER_LOST: "Read the state: it was carried out, once. Repeating it gives this answer again.",
  IDEMPOTENCY_IN_FLIGHT: `Wait as long as \`Retry-After\` says, and repeat the request ${sameKey}: you get the first response.`,
  IDEMPOTENCY_KEY_REUSED: "Use a new key for a new request. Use the old one only to repeat the very same request.",
  LOGIN_THROTTLED: "Wait as long as `Retry-After` says. Sessions that exist go on.",
  ORDER_NOT_CANCELLABLE: "Read the order. What has left the warehouse is sent back instead.",
  OUT_OF_STOCK:
    "Show what is left (`available`) and let the shopper choose. Use a new idempotency key for the changed order.",
  PRICE_CHANGED:
    "Show the real price (`realPrice`), ask the shopper, and order again at it, with a new idempotency key.",
  REFRESH_INVALID: "Sign in again.",
  REFRESH_REUSED:
    "Sign in again. A refresh token works once: either the client refreshed twice at a time, or it was stolen.",
  CREDENTIAL_REFUSED:
    "For operators: the service that is named does not believe who calls it. `npm run kontor -- doctor` tells which one; see docs/runbooks/service-credentials.md.",
  SERVICE_TOKEN_EXPIRED:
    "For operators: a service calls with a token that nobody renewed. See docs/runbooks/service-credentials.md.",
  SERVICE_TOKEN_INVALID:
    "For operators: the keys of caller and callee do not fit. See docs/runbooks/service-credentials.md.",
  SIGNATURE_WRONG: "Sign the raw body with the current secret, and send a time that is not long ago.",
  TOKEN_EXPIRED: "Refresh the session, and repeat the request with the new access token.",
};
