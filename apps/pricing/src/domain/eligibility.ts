import type { Goods } from "./goods.ts";
import type { Problem } from "./problem.ts";
import { isSelected, type Promotion } from "./promotion.ts";
import { isFor, type PriceRequest } from "./request.ts";
import { phaseOf } from "./window.ts";

/** Returns why a promotion does not apply to goods, before limits and other promotions are looked at; undefined if it does. */
export function refusalOf(
  promotion: Promotion,
  goods: readonly Goods[],
  request: PriceRequest,
  at: Date,
): Pick<Problem, "kind" | "minimum"> | undefined {
  if (promotion.inactive) return { kind: "COUPON_UNKNOWN" };
  const phase = phaseOf(promotion, at);
  if (phase !== "open") return { kind: phase === "before" ? "COUPON_NOT_YET_VALID" : "COUPON_EXPIRED" };
  if (!isFor(promotion, request)) return { kind: "NOT_ELIGIBLE" };
  if (promotion.firstOrder && request.customer.firstOrder === false) return { kind: "NOT_FIRST_ORDER" };
  if (!hasAmounts(promotion, request.currency)) return { kind: "CURRENCY" };

  let units = 0;
  let subtotal = 0n;
  for (const { keys, line, subtotal: amount } of goods) {
    if (!isSelected(promotion.selection, keys)) continue;
    units += line.quantity;
    subtotal += amount;
  }
  if (units < Math.max(1, promotion.minQuantity)) return { kind: "GOODS_MISSING" };
  const minimum = promotion.minimumTotals.get(request.currency) ?? 0n;
  return subtotal < minimum ? { kind: "TOTAL_TOO_LOW", minimum } : undefined;
}

/** Returns whether a promotion has all its amounts in a currency. No amount is read in another one. */
function hasAmounts({ minimumTotals, action }: Promotion, currency: string): boolean {
  if (minimumTotals.size > 0 && !minimumTotals.has(currency)) return false;
  if (action.type === "amount") return action.amounts.has(currency);
  return action.type !== "bundle" || action.prices.has(currency);
}
