/** Why a payment can be declined. Public and exhaustive: the values of `PaymentDeclineCode` in the contract, in lower case. */
export const declineCodes = [
  "card_declined",
  "insufficient_funds",
  "authentication_failed",
  "card_expired",
  "method_not_accepted",
  "unknown_payment_method",
] as const;

export type DeclineCode = (typeof declineCodes)[number];

/** The providers' synonyms of a code. */
const aliases: Readonly<Record<string, DeclineCode>> = {
  authentication_required: "authentication_failed",
  expired_card: "card_expired",
};

/** Returns the public code of a decline. Codes that only the provider knows become `otherwise`, so that they never reach a shopper. */
export function declineCodeOf(providerCode: string, otherwise: DeclineCode = "card_declined"): DeclineCode {
  const known = declineCodes.find((code) => code === providerCode);
  return known ?? (Object.hasOwn(aliases, providerCode) ? aliases[providerCode] : undefined) ?? otherwise;
}
