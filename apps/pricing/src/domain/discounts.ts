import type { Candidate, EnteredCoupon } from "./candidates.ts";
import type { Goods } from "./goods.ts";
import type { Problem } from "./problem.ts";
import type { Promotion } from "./promotion.ts";
import { reductionOf } from "./reduction.ts";
import { total } from "./rounding.ts";
import { isCounted, limitProblem, type PromotionUse, type UseCounts } from "./uses.ts";

/** What a promotion takes off. */
export interface Discount {
  readonly promotionId: string;
  readonly name: string;
  /** The coupon code as it was created. Absent: none was needed. */
  readonly code?: string;
  readonly amount: bigint;
}

/** What promotions take off goods and shipping. */
export interface Discounts {
  /** For each of the goods, in their order. */
  readonly lines: readonly (readonly Discount[])[];
  readonly shipping: readonly Discount[];
  readonly problems: readonly Problem[];
  /** What HoldUses is to take. */
  readonly uses: readonly PromotionUse[];
}

/** What promotions apply to. */
export interface Undiscounted {
  readonly goods: readonly Goods[];
  readonly shipping: bigint;
  readonly currency: string;
  /** The keys that uses of the customer are counted by. */
  readonly customers: readonly string[];
}

/** The most problems of promotions without coupon that are shown. */
const MAX_AUTOMATIC_PROBLEMS = 20;

/**
 * Applies candidates one after another, each to what the earlier ones left. The first that takes something off decides: an exclusive one stays
 * alone, and after another one no exclusive promotion applies. Nothing falls below 0.
 */
export function applyPromotions(
  candidates: readonly Candidate[],
  { goods, shipping, currency, customers }: Undiscounted,
  counts: UseCounts,
): Discounts {
  const left = { goods, lines: goods.map(({ subtotal }) => subtotal), shipping };
  const lines: Discount[][] = goods.map(() => []);
  const onShipping: Discount[] = [];
  const problems: Problem[] = [];
  const uses: PromotionUse[] = [];
  let first: Promotion | undefined;
  let automaticProblems = 0;

  for (const { promotion, coupons } of candidates) {
    const usable = usableCoupon(promotion, coupons);
    if (usable === undefined) continue;
    const { coupon } = usable;
    const about = { promotionId: promotion.id, ...(coupon && { code: coupon.code }) };
    const reduction = reductionOf(promotion, left, currency);
    const amount = total(reduction.lines) + reduction.shipping;
    if (amount === 0n) {
      report({ kind: "NOTHING_TO_DISCOUNT", ...about });
    } else if (first !== undefined && (first.exclusive || promotion.exclusive)) {
      report({ kind: "NOT_COMBINABLE", ...about, otherPromotionId: first.id });
    } else {
      first ??= promotion;
      const discount = { promotionId: promotion.id, name: promotion.name, ...(coupon && { code: coupon.coupon.code }) };
      for (const [index, off] of reduction.lines.entries()) {
        if (off === 0n) continue;
        left.lines[index] = (left.lines[index] ?? 0n) - off;
        lines[index]?.push({ ...discount, amount: off });
      }
      left.shipping -= reduction.shipping;
      if (reduction.shipping > 0n) onShipping.push({ ...discount, amount: reduction.shipping });
      if (reduction.cut) report({ kind: "DISCOUNT_CUT", ...about });
      if (isCounted(promotion)) uses.push({ promotionId: promotion.id, ...(coupon && { coupon: coupon.folded }) });
    }
  }
  return { lines, shipping: onShipping, problems, uses };

  /** Returns the first coupon with uses left, if the promotion needs one; undefined if it has none left. Codes that are not needed get a problem. */
  function usableCoupon(
    promotion: Promotion,
    coupons: readonly EnteredCoupon[],
  ): { readonly coupon?: EnteredCoupon } | undefined {
    if (!promotion.couponRequired) {
      if (isCounted(promotion) && limitProblem(promotion, undefined, counts, customers)) return undefined;
      for (const { code } of coupons) problems.push({ kind: "SAME_PROMOTION", code, promotionId: promotion.id });
      return {};
    }
    let chosen: EnteredCoupon | undefined;
    for (const coupon of coupons) {
      const about = { code: coupon.code, promotionId: promotion.id };
      const limit = limitProblem(promotion, coupon, counts, customers);
      if (limit) problems.push({ ...limit, ...about });
      else if (chosen) problems.push({ kind: "SAME_PROMOTION", ...about });
      else chosen = coupon;
    }
    return chosen && { coupon: chosen };
  }

  function report(problem: Problem): void {
    if (problem.code === undefined && automaticProblems++ >= MAX_AUTOMATIC_PROBLEMS) return;
    problems.push(problem);
  }
}
