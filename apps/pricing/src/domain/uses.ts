import type { Coupon } from "./coupon.ts";
import type { Problem } from "./problem.ts";
import type { Promotion } from "./promotion.ts";

/** A use of a promotion by an order, with the coupon that it needed. */
export interface PromotionUse {
  readonly promotionId: string;
  /** The folded code. Absent: none was needed. */
  readonly coupon?: string;
}

/** How many orders use what: other orders than the one that is priced. */
export interface UseCounts {
  /** @param customer the key of a customer; empty for all */
  of(subject: string, customer: string): number;
}

/** The counts of a shop in which nothing was used. */
export const NO_USES: UseCounts = { of: () => 0 };

/** Returns the subject that uses of a promotion are counted by. */
export function promotionSubject(promotionId: string): string {
  return `promotion/${promotionId}`;
}

/** Returns the subject that uses of a coupon are counted by. */
export function couponSubject(folded: string): string {
  return `coupon/${folded}`;
}

/** Returns whether uses of a promotion are counted: it has a limit, or coupons. */
export function isCounted({ maxUses, maxUsesPerCustomer, couponRequired }: Promotion): boolean {
  return couponRequired || maxUses > 0 || maxUsesPerCustomer > 0;
}

/** Returns which limit another use would break: that of the promotion or of the coupon, in total or for one of the customer's keys. */
export function limitProblem(
  promotion: Promotion,
  coupon: { readonly folded: string; readonly coupon: Coupon } | undefined,
  counts: UseCounts,
  customers: readonly string[],
): Pick<Problem, "kind" | "limit"> | undefined {
  const limits: [string, Pick<Promotion, "maxUses" | "maxUsesPerCustomer">][] = [
    [promotionSubject(promotion.id), promotion],
  ];
  if (coupon) limits.push([couponSubject(coupon.folded), coupon.coupon]);
  for (const [subject, { maxUses, maxUsesPerCustomer }] of limits) {
    if (maxUses > 0 && counts.of(subject, "") >= maxUses) return { kind: "COUPON_USED_UP", limit: maxUses };
    const isReached = (customer: string) => counts.of(subject, customer) >= maxUsesPerCustomer;
    if (maxUsesPerCustomer > 0 && customers.some(isReached))
      return { kind: "CUSTOMER_LIMIT", limit: maxUsesPerCustomer };
  }
  return undefined;
}
