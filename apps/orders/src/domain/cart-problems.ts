import type { Money } from "@kontor/money";

/** What a shopper must know of a cart. Blocking ones prevent the checkout. */
export type CartProblem =
  | { readonly kind: "PRICE_CHANGED"; readonly sku: string; readonly seen: Money; readonly real: Money }
  | { readonly kind: "UNAVAILABLE"; readonly sku: string }
  | { readonly kind: "ABOVE_STOCK"; readonly sku: string; readonly wanted: number; readonly available?: number }
  | { readonly kind: "NO_PRICE"; readonly sku: string; readonly currency: string }
  | { readonly kind: "LIMITED"; readonly sku: string; readonly wanted: number; readonly kept: number }
  | {
      readonly kind: "COUPON_NOT_APPLICABLE";
      readonly code: string;
      readonly reason: string;
      /** The total that the promotion needs, if that is why. */
      readonly minimum?: Money;
    }
  | { readonly kind: "PROMOTION_LIMITED"; readonly reason: string }
  | { readonly kind: "ADDRESS_INCOMPLETE"; readonly field: string }
  | { readonly kind: "METHOD_NOT_ELIGIBLE"; readonly reason: string; readonly detail: string }
  | { readonly kind: "EMAIL_MISSING" }
  | { readonly kind: "EMPTY" }
  | { readonly kind: "TOTAL_TOO_LARGE" };

export type CartProblemKind = CartProblem["kind"];

/** Kinds that do not prevent the checkout: the version that the shopper confirms contains their effect. */
const ADVISORY: ReadonlySet<CartProblemKind> = new Set<CartProblemKind>([
  "PRICE_CHANGED",
  "LIMITED",
  "COUPON_NOT_APPLICABLE",
  "PROMOTION_LIMITED",
]);

/** Returns whether the checkout is refused while the problem exists. */
export function isBlocking({ kind }: Pick<CartProblem, "kind">): boolean {
  return !ADVISORY.has(kind);
}
