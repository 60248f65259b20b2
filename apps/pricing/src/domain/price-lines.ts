import type { Candidate } from "./candidates.ts";
import { applyPromotions, type Discount } from "./discounts.ts";
import { type Goods, goodsOf } from "./goods.ts";
import { type PriceBook, pricesFor } from "./price-list.ts";
import type { Problem } from "./problem.ts";
import type { Line, PriceRequest } from "./request.ts";
import { total } from "./rounding.ts";
import { type CategoryAmount, shownShipping, type TaxShare, taxShipping } from "./shipping.ts";
import { type Taxed, type TaxQuote, type TaxTreatment, taxOn } from "./tax-quote.ts";
import type { PromotionUse, UseCounts } from "./uses.ts";

/** What is paid for a line or for shipping: `total` is with or without tax as the treatment says. */
export interface Paid extends Taxed {
  readonly subtotal: bigint;
  readonly discounts: readonly Discount[];
  readonly total: bigint;
  readonly taxes: readonly TaxShare[];
}

/** What a line costs. Without `goods` it has no price, and its amounts are 0. */
export interface PricedLine extends Paid {
  readonly line: Line;
  readonly goods?: Goods;
}

/** What an order costs. */
export interface OrderPrice {
  readonly lines: readonly PricedLine[];
  readonly shipping?: Paid;
  readonly treatment?: TaxTreatment;
  readonly problems: readonly Problem[];
  readonly uses: readonly PromotionUse[];
}

/** Goods with their unit prices as customers see them, and shipping, before discounts. */
export interface Undiscounted {
  readonly goods: readonly Goods[];
  readonly shipping?: bigint;
}

/** Returns the goods of a request with the lowest unit prices that apply. Lines without a price are not among them. */
export function unitPricesOf(book: PriceBook, quote: TaxQuote, request: PriceRequest, at: Date): Undiscounted {
  const priceOf = pricesFor(book, request, at);
  const goods = request.lines.flatMap((line) => {
    const entered = priceOf(line.sku, line.unitPrice);
    if (entered === undefined) return [];
    const shown = (price: bigint) => quote.shownPrice(price, quote.categoryOf(line));
    const base = line.unitPrice === undefined ? undefined : shown(line.unitPrice);
    return [goodsOf(line, { ...entered, minor: shown(entered.minor) }, base)];
  });
  if (request.shipping === undefined) return { goods };
  const amounts = goods.map(({ line, subtotal }) => ({ category: quote.categoryOf(line), amount: subtotal }));
  return { goods, shipping: shownShipping(request.shipping, amounts, quote) };
}

/** Returns what an order costs: applies the promotions, then taxes what is paid. */
export function priceOrder(
  request: PriceRequest,
  { goods, shipping }: Undiscounted,
  candidates: readonly Candidate[],
  quote: TaxQuote,
  { counts, customers }: { readonly counts: UseCounts; readonly customers: readonly string[] },
): OrderPrice {
  const { currency } = request;
  const discounts = applyPromotions(candidates, { goods, shipping: shipping ?? 0n, currency, customers }, counts);
  const discountsOf = new Map(goods.map((one, index) => [one.line, { goods: one, own: discounts.lines[index] ?? [] }]));
  const problems: Problem[] = [];
  const paid: CategoryAmount[] = [];

  const lines = request.lines.map((line): PricedLine => {
    const found = discountsOf.get(line);
    if (found === undefined) {
      problems.push({ kind: "PRICE_MISSING", lineId: line.id });
      return { line, subtotal: 0n, discounts: [], total: 0n, net: 0n, tax: 0n, taxes: [] };
    }
    const category = quote.categoryOf(line);
    const amount = found.goods.subtotal - total(found.own.map((discount) => discount.amount));
    paid.push({ category, amount });
    const price = { line, goods: found.goods, subtotal: found.goods.subtotal, discounts: found.own, total: amount };
    if (quote.treatment === undefined) return { ...price, net: amount, tax: 0n, taxes: [] };
    const rate = quote.rateOf(category);
    const taxed = taxOn(amount, rate, quote.treatment.pricesIncludeTax);
    return { ...price, ...taxed, taxes: [{ rate, category, ...taxed }] };
  });
  return {
    lines,
    ...(shipping !== undefined && { shipping: paidShipping(shipping, discounts.shipping, paid, quote) }),
    ...(quote.treatment && { treatment: quote.treatment }),
    problems: [...problems, ...discounts.problems],
    uses: discounts.uses,
  };
}

function paidShipping(
  subtotal: bigint,
  discounts: readonly Discount[],
  goods: readonly CategoryAmount[],
  quote: TaxQuote,
): Paid {
  const amount = subtotal - total(discounts.map((discount) => discount.amount));
  const taxes = taxShipping(amount, goods, quote);
  const price = { subtotal, discounts, total: amount, taxes };
  if (quote.treatment === undefined) return { ...price, net: amount, tax: 0n };
  return { ...price, net: total(taxes.map(({ net }) => net)), tax: total(taxes.map(({ tax }) => tax)) };
}
