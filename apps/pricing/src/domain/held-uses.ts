import { pricingErrors } from "./errors.ts";
import { couponSubject, type PromotionUse, promotionSubject } from "./uses.ts";

/** Returns the name of a count. */
export function usesKey(subject: string, customer: string): string {
  return `${subject} ${customer}`;
}

/** Returns USE_LIMIT_REACHED for the count that is at its limit: of a promotion, of a coupon, or of the customer in one of them. */
export function useLimitReached(uses: readonly PromotionUse[], subject: string, customer: string, limit: number) {
  const use = uses.find(
    ({ promotionId, coupon = "" }) => subject === promotionSubject(promotionId) || subject === couponSubject(coupon),
  );
  const { promotionId = "", coupon: code = "" } = use ?? {};
  const ofCoupon = subject.startsWith(couponSubject("")) ? "coupon" : "promotion";
  return pricingErrors.USE_LIMIT_REACHED({
    promotionId,
    code,
    limitOf: customer === "" ? ofCoupon : "customer",
    limit,
  });
}
