/**
 * Why an order can end without being fulfilled, each with its detail in words for people. Public and exhaustive: the values of
 * `OrderEndReason` in the contract. A detail names no service and no attempt.
 */
export const endDetails = {
  PAYMENT_DECLINED: "The payment was declined.",
  PAYMENT_NOT_CONFIRMED: "The payment was not confirmed in time.",
  OUT_OF_STOCK: "An item is no longer in stock.",
  RESERVATION_EXPIRED: "The reserved items were given back before the payment was through.",
  CHECKOUT_TIMED_OUT: "The order could not be completed in time. Nothing was charged.",
  CHECKOUT_FAILED: "The order could not be completed. Nothing was charged.",
  CANCELLED_BY_CUSTOMER: "Cancelled by the customer.",
  CANCELLED_BY_SHOP: "Cancelled by the shop.",
  PROMOTION_USED_UP: "A coupon or a promotion was used up before it could be held for the order.",
} as const;

export type EndReason = keyof typeof endDetails;

/** How an order ended: the public reason and its detail. */
export type End = { readonly reason: EndReason; readonly detail: string };

/** Causes whose own words are written for people: the bank's code, the item that is missing. */
const worded: ReadonlySet<string> = new Set<EndReason>(["PAYMENT_DECLINED", "OUT_OF_STOCK", "RESERVATION_EXPIRED"]);
const DEADLINE = "DEADLINE_EXCEEDED";

/** Returns how an order ends that failed for this cause. Technical causes become CHECKOUT_TIMED_OUT or CHECKOUT_FAILED. */
export function endOf({ reason, message }: { readonly reason: string; readonly message: string }): End {
  const known = reason === DEADLINE ? "CHECKOUT_TIMED_OUT" : isEndReason(reason) ? reason : "CHECKOUT_FAILED";
  return { reason: known, detail: worded.has(reason) && message !== "" ? message : endDetails[known] };
}

export function isEndReason(reason: string): reason is EndReason {
  return Object.hasOwn(endDetails, reason);
}

const DECLINED = /^The payment was declined: ([a-z_]+)\.$/;

/** Returns the detail of a declined payment. `declineCodeOf` reads the code from it. */
export function declineDetail(code: string): string {
  return `The payment was declined: ${code}.`;
}

/** Returns why the payment of an order was declined, as payments calls it; undefined for other ends and if it is not known. */
export function declineCodeOf({
  reason,
  detail,
}: {
  readonly reason: string;
  readonly detail: string;
}): string | undefined {
  return reason === "PAYMENT_DECLINED" ? DECLINED.exec(detail)?.[1] : undefined;
}
