import { definePages, type PageRequest } from "@kontor/paging";
import { foldCode } from "../domain/coupon.ts";
import { pricingErrors } from "../domain/errors.ts";
import type { CouponStore, RuleStore } from "../ports.ts";

const pages = definePages({ list: "pricing.coupons", domain: "pricing.shop", cursor: { folded: /.{1,100}/u } });

/** Returns a coupon by any form of its code. Throws COUPON_NOT_FOUND. */
export const findCoupon =
  ({ coupons }: { readonly coupons: Pick<CouponStore, "find"> }) =>
  async (code: string) => {
    const [coupon] = await coupons.find([foldCode(code)]);
    if (coupon === undefined) throw pricingErrors.COUPON_NOT_FOUND({ code });
    return coupon;
  };

/** Returns a page of the coupons of a promotion. Throws RULE_NOT_FOUND. */
export const listCoupons =
  ({ coupons, rules }: { readonly coupons: Pick<CouponStore, "list">; readonly rules: Pick<RuleStore, "refresh"> }) =>
  async (promotionId: string, request: PageRequest) => {
    const page = pages.read(request, { promotionId });
    const book = await rules.refresh();
    if (!book.rules.promotion.has(promotionId))
      throw pricingErrors.RULE_NOT_FOUND({ kind: "promotion", id: promotionId });
    const found = await coupons.list(promotionId, { after: page.after?.folded, limit: page.limit });
    return page.of(found, ({ folded }) => ({ folded }));
  };
