/** What is wrong with a line, a coupon code or a promotion; the names of the contract. */
export type ProblemKind =
  | "PRICE_MISSING"
  | "COUPON_UNKNOWN"
  | "COUPON_EXPIRED"
  | "COUPON_NOT_YET_VALID"
  | "COUPON_USED_UP"
  | "CUSTOMER_LIMIT"
  | "TOTAL_TOO_LOW"
  | "CURRENCY"
  | "GOODS_MISSING"
  | "NOT_ELIGIBLE"
  | "NOT_FIRST_ORDER"
  | "NOT_COMBINABLE"
  | "NOTHING_TO_DISCOUNT"
  | "DISCOUNT_CUT"
  | "SAME_PROMOTION";

/** Something that the shopper should know about the price. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly lineId?: string;
  /** As it was entered. */
  readonly code?: string;
  readonly promotionId?: string;
  readonly otherPromotionId?: string;
  readonly minimum?: bigint;
  readonly limit?: number;
}
