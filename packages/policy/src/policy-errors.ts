import { defineErrors } from "@kontor/errors";

/** Every refusal this package makes. */
export const policyErrors = defineErrors("policy.kontor", {
  TOKEN_MISSING: {
    code: "UNAUTHENTICATED",
    message: "The call needs an access token.",
    de: "Der Aufruf braucht ein Zugriffstoken.",
  },
  TOKEN_INVALID: {
    code: "UNAUTHENTICATED",
    message: "The access token is not valid.",
    de: "Das Zugriffstoken ist ungültig.",
  },
  TOKEN_EXPIRED: {
    code: "UNAUTHENTICATED",
    message: "The access token has expired.",
    de: "Das Zugriffstoken ist abgelaufen.",
  },
  TOKEN_REVOKED: {
    code: "UNAUTHENTICATED",
    message: "The session of this token has ended. Log in again.",
    de: "Die Sitzung dieses Tokens ist beendet. Melden Sie sich neu an.",
  },
  KEYS_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "Tokens cannot be verified: the issuer's keys are unavailable. Retry later.",
    de: "Tokens können jetzt nicht geprüft werden: Der Aussteller antwortet nicht.",
  },
  SESSIONS_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "Tokens cannot be verified: which sessions have ended is not known yet. Retry later.",
    de: "Tokens können jetzt nicht geprüft werden: Beendete Sitzungen sind noch nicht bekannt. Versuchen Sie es später erneut.",
  },
  SERVICE_TOKEN_INVALID: {
    code: "UNAUTHENTICATED",
    message: ({ problem }: { problem: string }) => `The service token of the caller is not valid: ${problem}.`,
    de: "Das Diensttoken des Aufrufers ist ungültig: {problem}.",
  },
  SERVICE_TOKEN_EXPIRED: {
    code: "UNAUTHENTICATED",
    message: "The service token of the caller has expired.",
    de: "Das Diensttoken des Aufrufers ist abgelaufen.",
  },
  SCOPE_MISSING: {
    code: "PERMISSION_DENIED",
    message: ({ scope }: { scope: string }) => `The access token lacks the scope ${scope}.`,
    de: "Dem Zugriffstoken fehlt der Scope {scope}.",
  },
  NOT_OWNER: {
    code: "PERMISSION_DENIED",
    message: ({ field }: { field: string }) => `${field} names another user than the caller.`,
    de: "{field} nennt jemand anderen als den Aufrufer.",
  },
  CALLER_NOT_ALLOWED: {
    code: "PERMISSION_DENIED",
    message: ({ caller }: { caller: string }) => `The call is internal; its contract does not admit ${caller}.`,
    de: "Der Aufruf ist intern und {caller} nicht erlaubt.",
  },
});
