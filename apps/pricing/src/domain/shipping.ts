import { spread } from "./rounding.ts";
import { type Taxed, type TaxQuote, taxOn } from "./tax-quote.ts";
import type { AppliedRate } from "./tax-rate.ts";
import { STANDARD } from "./tax-rate.ts";

/** An amount of goods with their tax category. */
export interface CategoryAmount {
  readonly category: string;
  readonly amount: bigint;
}

/** The tax of a part of an amount. */
export interface TaxShare extends Taxed {
  readonly rate: AppliedRate;
  /** Absent: it follows from the goods. */
  readonly category?: string;
}

/** Splits an amount of shipping by the categories of goods, in proportion to their amounts; all of it is `standard` if the goods cost nothing. */
function byCategory(
  shipping: bigint,
  goods: readonly CategoryAmount[],
  { shippingCategory }: TaxQuote,
): CategoryAmount[] {
  if (shippingCategory !== undefined) return [{ category: shippingCategory, amount: shipping }];
  const weights = new Map<string, bigint>();
  for (const { category, amount } of goods) weights.set(category, (weights.get(category) ?? 0n) + amount);
  const weighted = [...weights].filter(([, weight]) => weight > 0n);
  if (weighted.length === 0) return [{ category: STANDARD, amount: shipping }];
  const parts = spread(
    shipping,
    weighted.map(([, weight]) => weight),
  );
  return weighted.map(([category], index) => ({ category, amount: parts[index] ?? 0n }));
}

/** Returns what customers see for a price of shipping that was entered, given what the goods cost before discounts. */
export function shownShipping(entered: bigint, goods: readonly CategoryAmount[], quote: TaxQuote): bigint {
  const parts = byCategory(entered, goods, quote);
  return parts.reduce((sum, { category, amount }) => sum + quote.shownPrice(amount, category), 0n);
}

/** Returns the tax of shipping by rate, given what is paid for the goods: goods that cost nothing have no part in it. */
export function taxShipping(paid: bigint, goods: readonly CategoryAmount[], quote: TaxQuote): readonly TaxShare[] {
  if (quote.treatment === undefined) return [];
  const { pricesIncludeTax } = quote.treatment;
  const byRate = new Map<string, { rate: AppliedRate; amount: bigint }>();
  for (const { category, amount } of byCategory(paid, goods, quote)) {
    const rate = quote.rateOf(category);
    const known = byRate.get(rate.id ?? "")?.amount ?? 0n;
    byRate.set(rate.id ?? "", { rate, amount: known + amount });
  }
  const category = quote.shippingCategory;
  return [...byRate.values()].map(({ rate, amount }) => ({
    rate,
    ...(category !== undefined && { category }),
    ...taxOn(amount, rate, pricesIncludeTax),
  }));
}
