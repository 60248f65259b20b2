import { candidatesFor } from "../src/domain/candidates.ts";
import type { Coupon } from "../src/domain/coupon.ts";
import { foldCode } from "../src/domain/coupon.ts";
import { type OrderPrice, priceOrder, unitPricesOf } from "../src/domain/price-lines.ts";
import type { ListPrice, PriceList } from "../src/domain/price-list.ts";
import type { Promotion } from "../src/domain/promotion.ts";
import type { Line, PriceRequest } from "../src/domain/request.ts";
import { total } from "../src/domain/rounding.ts";
import { noRules, ruleBook } from "../src/domain/rule-book.ts";
import type { TaxedParty } from "../src/domain/tax-quote.ts";
import { quoteTax } from "../src/domain/tax-quote.ts";
import type { TaxCategory, TaxRate } from "../src/domain/tax-rate.ts";
import type { TaxZone } from "../src/domain/tax-zone.ts";
import { NO_USES, type UseCounts } from "../src/domain/uses.ts";

export const NOW = new Date("2026-12-01T12:00:00Z");

export function aLine(overrides: Partial<Line> = {}): Line {
  const id = overrides.id ?? overrides.sku ?? "S-1";
  return { id, productId: id, sku: id, categoryIds: [], quantity: 1, unitPrice: 1_000n, ...overrides };
}

export function aRequest(overrides: Partial<PriceRequest> = {}): PriceRequest {
  return { currency: "EUR", customer: { groups: [] }, codes: [], lines: [aLine()], ...overrides };
}

export function aPromotion(overrides: Partial<Promotion> = {}): Promotion {
  const never = { maxUses: 0, maxUsesPerCustomer: 0, inactive: false, exclusive: false, couponRequired: false };
  const id = overrides.id ?? "promotion";
  return {
    ...never,
    ...{ id, name: id, priority: 0, minQuantity: 0, minimumTotals: new Map(), groups: [], channels: [] },
    ...{ firstOrder: false, version: 1, action: { type: "percent", ppm: 100_000, target: "order" } },
    ...overrides,
  };
}

export function aCoupon(code: string, overrides: Partial<Coupon> = {}): Coupon {
  const limits = { maxUses: 0, maxUsesPerCustomer: 0, inactive: false, createdAt: NOW };
  return { code, promotionId: "promotion", ...limits, ...overrides };
}

export function aList(overrides: Partial<PriceList> = {}): PriceList {
  const id = overrides.id ?? "list";
  return { id, name: id, groups: [], channels: [], inactive: false, version: 1, ...overrides };
}

export function aListPrice(overrides: Partial<ListPrice> = {}): ListPrice {
  return { priceListId: "list", sku: "S-1", currency: "EUR", minQuantity: 1, minor: 900n, ...overrides };
}

export function aZone(overrides: Partial<TaxZone> & { id: string }): TaxZone {
  const areas = [{ country: overrides.id.toUpperCase().slice(0, 2), region: "", postcodePrefix: "" }];
  const flags = { pricesIncludeTax: true, home: false, keepPrice: false, inactive: false, version: 1 };
  return { name: overrides.id, areas, vatPrefix: "", shippingCategoryId: "", ...flags, ...overrides };
}

export function aRate(zoneId: string, percent: number, overrides: Partial<TaxRate> = {}): TaxRate {
  const id = `${zoneId}-${overrides.categoryId ?? "standard"}`;
  const ppm = percent * 10_000;
  return { id, zoneId, categoryId: "standard", name: `${percent} %`, ppm, inactive: false, version: 1, ...overrides };
}

export interface Rules {
  readonly promotions?: readonly Promotion[];
  readonly coupons?: readonly Coupon[];
  readonly lists?: readonly PriceList[];
  readonly prices?: readonly ListPrice[];
  readonly zones?: readonly TaxZone[];
  readonly categories?: readonly TaxCategory[];
  readonly rates?: readonly TaxRate[];
  readonly counts?: UseCounts;
  readonly customers?: readonly string[];
  readonly party?: TaxedParty;
  readonly at?: Date;
}

/** Prices a request by rules, as PriceLines does. */
export function priced(request: PriceRequest, rules: Rules = {}): OrderPrice {
  const { at = NOW, counts = NO_USES, customers = [] } = rules;
  const byKind = noRules();
  for (const rule of rules.promotions ?? []) byKind.promotion.set(rule.id, rule);
  for (const rule of rules.lists ?? []) byKind["price-list"].set(rule.id, rule);
  for (const rule of rules.zones ?? []) byKind["tax-zone"].set(rule.id, rule);
  for (const rule of rules.categories ?? []) byKind["tax-category"].set(rule.id, rule);
  for (const rule of rules.rates ?? []) byKind["tax-rate"].set(rule.id, rule);
  const prices = Map.groupBy(rules.prices ?? [], ({ sku }) => sku);
  const book = ruleBook(byKind, prices);
  const { destination } = request;
  const quote = quoteTax(book.taxes, { ...(destination && { destination }), ...rules.party }, at);
  const undiscounted = unitPricesOf(book.prices, quote, request, at);
  const coupons = new Map((rules.coupons ?? []).map((coupon) => [foldCode(coupon.code), coupon]));
  const { candidates, problems } = candidatesFor(book.promotions, coupons, undiscounted.goods, request, at);
  const price = priceOrder(request, undiscounted, candidates, quote, { counts, customers });
  return { ...price, problems: [...problems, ...price.problems] };
}

/** The sums of an order. */
export function sums({ lines, shipping }: OrderPrice) {
  const parts = shipping ? [...lines, shipping] : lines;
  const net = total(parts.map((part) => part.net));
  const tax = total(parts.map((part) => part.tax));
  return { total: total(parts.map((part) => part.total)), net, tax, gross: net + tax };
}

/** What promotions take off each line. */
export function discountsOf({ lines }: OrderPrice): readonly bigint[] {
  return lines.map(({ discounts }) => total(discounts.map(({ amount }) => amount)));
}

export function kindsOf({ problems }: OrderPrice): readonly string[] {
  return problems.map(({ kind }) => kind);
}
