import { type Coupon, foldCode } from "./coupon.ts";
import { refusalOf } from "./eligibility.ts";
import type { Goods } from "./goods.ts";
import type { Problem } from "./problem.ts";
import { automaticFor, inOrder, type Promotion, type PromotionBook } from "./promotion.ts";
import type { PriceRequest } from "./request.ts";
import { phaseOf } from "./window.ts";

/** A coupon code of a request. */
export interface EnteredCoupon {
  /** As it was entered. */
  readonly code: string;
  readonly folded: string;
  readonly coupon: Coupon;
}

/** A promotion whose conditions hold, with the coupons that entitle to it. */
export interface Candidate {
  readonly promotion: Promotion;
  /** In the order of their folded codes; empty if it needs none. */
  readonly coupons: readonly EnteredCoupon[];
}

/** What a cart may use. */
export interface Candidates {
  /** In the order in which they apply. */
  readonly candidates: readonly Candidate[];
  readonly problems: readonly Problem[];
}

/** Returns the codes of a request in the form in which they are compared, each once, with what was entered; in an order of their own. */
export function enteredCodes(codes: readonly string[]): ReadonlyMap<string, string> {
  const entered = new Map<string, string>();
  for (const code of codes) if (!entered.has(foldCode(code))) entered.set(foldCode(code), code);
  return new Map([...entered].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Returns the promotions that apply by themselves or by a coupon, and a problem for each code that does not. */
export function candidatesFor(
  book: PromotionBook,
  coupons: ReadonlyMap<string, Coupon>,
  goods: readonly Goods[],
  request: PriceRequest,
  at: Date,
): Candidates {
  const problems: Problem[] = [];
  const byPromotion = new Map<Promotion, EnteredCoupon[]>();
  for (const [folded, code] of enteredCodes(request.codes)) {
    const coupon = coupons.get(folded);
    const promotion = coupon && book.byId.get(coupon.promotionId);
    if (coupon === undefined || promotion === undefined || coupon.inactive) {
      problems.push({ kind: "COUPON_UNKNOWN", code });
      continue;
    }
    const isOver = phaseOf({ ...(coupon.validUntil && { validUntil: coupon.validUntil }) }, at) === "after";
    const refusal = isOver ? { kind: "COUPON_EXPIRED" as const } : refusalOf(promotion, goods, request, at);
    if (refusal) problems.push({ ...refusal, code, promotionId: promotion.id });
    else byPromotion.set(promotion, [...(byPromotion.get(promotion) ?? []), { code, folded, coupon }]);
  }

  const keys = goods.flatMap((one) => one.keys);
  for (const promotion of automaticFor(book, keys))
    if (!byPromotion.has(promotion) && refusalOf(promotion, goods, request, at) === undefined)
      byPromotion.set(promotion, []);
  const candidates = [...byPromotion].map(([promotion, entitling]) => ({ promotion, coupons: entitling }));
  return { candidates: candidates.sort((a, b) => inOrder(a.promotion, b.promotion)), problems };
}
