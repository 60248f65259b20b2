import { defineErrors } from "@kontor/errors";

/** Every refusal this package makes. */
export const policyErrors = defineErrors("policy.kontor", {
  TOKEN_MISSING: {
    code: "UNAUTHENTICATED",
    message: "The call needs an access token.",
  },
  TOKEN_INVALID: {
    code: "UNAUTHENTICATED",
    message: "The access token is not valid.",
  },
  TOKEN_EXPIRED: {
    code: "UNAUTHENTICATED",
    message: "The access token has expired.",
  },
  KEYS_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "Tokens cannot be verified now: the issuer does not answer.",
  },
  SERVICE_TOKEN_INVALID: {
    code: "UNAUTHENTICATED",
    message: ({ problem }: { problem: string }) => `The service token of the caller is not valid: ${problem}.`,
  },
  SERVICE_TOKEN_EXPIRED: {
    code: "UNAUTHENTICATED",
    message: "The service token of the caller has expired.",
  },
  SCOPE_MISSING: {
    code: "PERMISSION_DENIED",
    message: ({ scope }: { scope: string }) => `The access token lacks the scope ${scope}.`,
  },
  NOT_OWNER: {
    code: "PERMISSION_DENIED",
    message: ({ field }: { field: string }) => `${field} names someone other than the caller.`,
  },
  CALLER_NOT_ALLOWED: {
    code: "PERMISSION_DENIED",
    message: ({ caller }: { caller: string }) => `The call is internal and not open to ${caller}.`,
  },
});
