import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type DiscountSchema,
  type PricedLineSchema,
  PriceProblemKind,
  type PriceProblemSchema,
  type TaxAmountSchema,
} from "@kontor/shop/contracts/pricing/v1/price";
import type { PriceLinesResponseSchema } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import type { Discount } from "../domain/discounts.ts";
import type { OrderPrice, Paid, PricedLine } from "../domain/price-lines.ts";
import type { Problem } from "../domain/problem.ts";
import { total } from "../domain/rounding.ts";
import type { TaxShare } from "../domain/shipping.ts";
import { moneyMessage } from "./amounts.ts";

/** Returns the response of PriceLines. */
export function priceMessage(price: OrderPrice, currency: string): MessageInitShape<typeof PriceLinesResponseSchema> {
  const money = (minor: bigint) => moneyMessage(currency, minor);
  const { lines, shipping, treatment, problems, uses } = price;
  const parts: readonly Paid[] = shipping ? [...lines, shipping] : lines;
  const sumOf = (amount: (part: Paid) => bigint) => total(parts.map(amount));
  const discounts = parts.flatMap((part) => part.discounts);
  const [net, tax] = [sumOf((part) => part.net), sumOf((part) => part.tax)];
  return {
    lines: lines.map((line) => lineMessage(line, currency)),
    ...(shipping && { shipping: paidMessage(shipping, currency) }),
    totals: {
      subtotal: money(total(lines.map(({ subtotal }) => subtotal))),
      discount: money(total(discounts.map(({ amount }) => amount))),
      shipping: money(shipping?.total ?? 0n),
      net: money(net),
      tax: money(tax),
      gross: money(net + tax),
    },
    taxes: sumTaxes(parts.flatMap((part) => part.taxes)).map((share) => taxMessage(share, currency)),
    discounts: sumDiscounts(discounts).map((discount) => discountMessage(discount, currency)),
    taxTreatment: treatment ?? {},
    problems: problems.map((problem) => problemMessage(problem, currency)),
    uses: uses.map(({ promotionId, coupon }) => ({
      promotionId,
      ...(coupon !== undefined && { couponCode: coupon }),
    })),
  };
}

function lineMessage(line: PricedLine, currency: string): MessageInitShape<typeof PricedLineSchema> {
  const { unit, base } = line.goods ?? {};
  return {
    id: line.line.id,
    ...paidMessage(line, currency),
    unitPrice: moneyMessage(currency, unit?.minor ?? 0n),
    ...(base !== undefined && { listUnitPrice: moneyMessage(currency, base) }),
    ...(unit?.list && {
      priceListId: unit.list.id,
      priceListName: unit.list.name,
      minQuantity: unit.list.minQuantity,
    }),
  };
}

function paidMessage(paid: Paid, currency: string) {
  const money = (minor: bigint) => moneyMessage(currency, minor);
  return {
    subtotal: money(paid.subtotal),
    discounts: paid.discounts.map((discount) => discountMessage(discount, currency)),
    total: money(paid.total),
    net: money(paid.net),
    tax: money(paid.tax),
    gross: money(paid.net + paid.tax),
    taxes: paid.taxes.map((share) => taxMessage(share, currency)),
  };
}

function discountMessage(discount: Discount, currency: string): MessageInitShape<typeof DiscountSchema> {
  const { promotionId, name, code, amount } = discount;
  return { promotionId, name, ...(code !== undefined && { couponCode: code }), amount: moneyMessage(currency, amount) };
}

function taxMessage(share: TaxShare, currency: string): MessageInitShape<typeof TaxAmountSchema> {
  const { rate, category, net, tax } = share;
  return {
    ...(rate.id !== undefined && { rateId: rate.id }),
    ...(rate.name !== undefined && { name: rate.name }),
    ...(category !== undefined && { categoryId: category }),
    ppm: rate.ppm,
    net: moneyMessage(currency, net),
    tax: moneyMessage(currency, tax),
  };
}

/** Returns taxes by rate. */
function sumTaxes(shares: readonly TaxShare[]): readonly TaxShare[] {
  return [...Map.groupBy(shares, ({ rate }) => rate.id).values()].map((same) => {
    const { rate = { ppm: 0 } } = same[0] ?? {};
    return { rate, net: total(same.map(({ net }) => net)), tax: total(same.map(({ tax }) => tax)) };
  });
}

/** Returns discounts by promotion. */
function sumDiscounts(discounts: readonly Discount[]): readonly Discount[] {
  return [...Map.groupBy(discounts, ({ promotionId }) => promotionId).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ ...first, amount: total(same.map(({ amount }) => amount)) }] : [];
  });
}

function problemMessage(problem: Problem, currency: string): MessageInitShape<typeof PriceProblemSchema> {
  const { kind, code, minimum, ...about } = problem;
  return {
    ...about,
    kind: PriceProblemKind[kind],
    ...(code !== undefined && { couponCode: code }),
    ...(minimum !== undefined && { minimum: moneyMessage(currency, minimum) }),
  };
}
