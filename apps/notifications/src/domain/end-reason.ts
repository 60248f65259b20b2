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
] as const;

export type EndReason = (typeof endReasons)[number];

export function isEndReason(reason: string): reason is EndReason {
  return endReasons.some((known) => known === reason);
}
