/** Why an order can end without being fulfilled: the values of `OrderEndReason` in the contract of orders. */
export const endReasons = [
  "PAYMENT_DECLINED",
  "PAYMENT_NOT_CONFIRMED",
  "OUT_OF_STOCK",
  "RESERVATION_EXPIRED",
  "CHECKOUT_TIMED_OUT",
  "CHECKOUT_FAILED",
  "CANCELLED_BY_CUSTOMER",
  "CANCELLED_BY_SHOP",
  "PROMOTION_USED_UP",
] as const;

export type EndReason = (typeof endReasons)[number];

export function isEndReason(reason: string): reason is EndReason {
  return endReasons.some((known) => known === reason);
}

/** Why a payment can be declined: the values of `PaymentDeclineCode` in the contract of payments, in lower case. */
export const declineCodes = [
  "card_declined",
  "insufficient_funds",
  "authentication_failed",
  "card_expired",
  "method_not_accepted",
  "unknown_payment_method",
] as const;

export type DeclineCode = (typeof declineCodes)[number];

export function isDeclineCode(code: string | undefined): code is DeclineCode {
  return declineCodes.some((known) => known === code);
}
