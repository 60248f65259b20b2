import { defineErrors } from "@kontor/errors";

/** The failures of money. */
export const moneyErrors = defineErrors("money.kontor", {
  CURRENCY_MISMATCH: {
    code: "FAILED_PRECONDITION",
    message: (f: { left: string; right: string }) => `${f.left} and ${f.right} cannot be combined.`,
    de: "{left} und {right} können nicht verrechnet werden.",
  },
  UNKNOWN_CURRENCY: {
    code: "INVALID_ARGUMENT",
    message: (f: { currency: string }) => `${f.currency} is not an ISO 4217 currency code.`,
    de: "{currency} ist kein Währungscode nach ISO 4217.",
  },
});
