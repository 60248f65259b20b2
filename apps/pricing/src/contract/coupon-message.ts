import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Coupon as CouponMessage, CouponSchema } from "@kontor/shop/contracts/pricing/v1/promotion";
import { foldCode } from "../domain/coupon.ts";
import type { UsedCoupon } from "../ports.ts";

/** Returns the message of a coupon. */
export function couponMessage(coupon: UsedCoupon): MessageInitShape<typeof CouponSchema> {
  const { code, promotionId, maxUses, maxUsesPerCustomer, validUntil, inactive, uses, createdAt } = coupon;
  return {
    ...{ code, promotionId, maxUses, maxUsesPerCustomer, inactive, uses },
    ...(validUntil && { validUntil: timestampFromDate(validUntil) }),
    createdAt: timestampFromDate(createdAt),
  };
}

/** Returns the coupon of a complete message. */
export function couponOf(message: CouponMessage): UsedCoupon {
  const { code, promotionId, maxUses, maxUsesPerCustomer, validUntil, inactive, uses, createdAt } = message;
  return {
    ...{ code, folded: foldCode(code), promotionId, maxUses, maxUsesPerCustomer, inactive, uses },
    ...(validUntil && { validUntil: timestampDate(validUntil) }),
    createdAt: createdAt ? timestampDate(createdAt) : new Date(0),
  };
}
