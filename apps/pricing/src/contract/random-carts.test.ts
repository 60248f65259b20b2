import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aList, aListPrice, aPromotion, aRate, aZone, priced } from "../../test/fixtures.ts";
import type { Paid } from "../domain/price-lines.ts";
import type { Action, Selection } from "../domain/promotion.ts";
import type { Line } from "../domain/request.ts";
import { priceMessage } from "./price-message.ts";

const CARTS = 10_000;
const target = fc.constantFrom("order" as const, "lines" as const, "shipping" as const);
const products = ["P0", "P1", "P2", "P3"];
const selection: fc.Arbitrary<Selection> = fc
  .subarray(products)
  .map((productIds) => ({ productIds, categoryIds: [], skus: [] }));
const amounts = fc.bigInt(1n, 20_000n).map((minor) => new Map([["EUR", minor]]));
const ppm = fc.integer({ min: 1, max: 1_000_000 });
const count = fc.integer({ min: 1, max: 4 });
const maxTimes = fc.integer({ min: 0, max: 3 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant("percent" as const), ppm, target }),
  fc.record({ type: fc.constant("amount" as const), amounts, target }),
  fc.record({
    type: fc.constant("buy-x-get-y" as const),
    buy: count,
    get: count,
    ppm,
    maxTimes,
    getSelection: selection,
  }),
  fc.record({
    type: fc.constant("bundle" as const),
    items: fc.array(fc.record({ selection, quantity: count }), { minLength: 1, maxLength: 3 }),
    prices: amounts,
    maxTimes,
  }),
);
const promotion = fc.record({ priority: fc.integer({ min: -3, max: 3 }), exclusive: fc.boolean(), selection, action });
const line = fc.record({
  productId: fc.constantFrom(...products),
  quantity: fc.integer({ min: 1, max: 30 }),
  unitPrice: fc.bigInt(0n, 50_000n),
  taxCategoryId: fc.constantFrom("standard", "reduced", "zero"),
});
const cart = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 12 }),
  shipping: fc.option(fc.bigInt(0n, 2_000n), { nil: undefined }),
  promotions: fc.array(promotion, { maxLength: 6 }),
  country: fc.constantFrom("DE", "AT", "US", "CH"),
  listPrice: fc.bigInt(0n, 50_000n),
});
const zones = [aZone({ id: "de", home: true }), aZone({ id: "at" }), aZone({ id: "us", pricesIncludeTax: false })];
const rates = zones.flatMap(({ id }, index) => [
  aRate(id, 19 + index),
  aRate(id, 7.25, { categoryId: "reduced" }),
  aRate(id, 0, { categoryId: "zero" }),
]);
const sum = (values: readonly (bigint | undefined)[]) => values.reduce<bigint>((all, value) => all + (value ?? 0n), 0n);
const minors = (values: readonly ({ minor?: bigint } | undefined)[]) => sum(values.map((value) => value?.minor));

describe("random carts", () => {
  it("sum to their totals, never fall below 0, and net plus tax is what is paid", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(cart, ({ lines, shipping, promotions, country, listPrice }) => {
        const goods: Line[] = lines.map((one, index) => ({
          ...one,
          id: `${index}`,
          sku: one.productId,
          categoryIds: [],
        }));
        const request = {
          ...{ currency: "EUR", customer: { groups: [] }, codes: [], lines: goods },
          ...{ destination: { country, region: "", postcode: "" }, ...(shipping !== undefined && { shipping }) },
        };
        const price = priced(request, {
          ...{ zones, rates, lists: [aList()], prices: [aListPrice({ sku: "P1", minQuantity: 5, minor: listPrice })] },
          promotions: promotions.map((one, index) => aPromotion({ ...one, id: `p${index}` })),
        });
        const includesTax = price.treatment?.pricesIncludeTax === true;
        const isSound = (part: Paid) =>
          part.subtotal - sum(part.discounts.map(({ amount }) => amount)) === part.total &&
          part.net + part.tax === (includesTax ? part.total : part.total + part.tax) &&
          sum(part.taxes.map(({ net }) => net)) === part.net &&
          sum(part.taxes.map(({ tax }) => tax)) === part.tax &&
          [part.total, part.net, part.tax, ...part.taxes.map(({ tax }) => tax)].every((amount) => amount >= 0n) &&
          part.discounts.every(({ amount }) => amount > 0n);
        const paid = [...price.lines, ...(price.shipping ? [price.shipping] : [])];
        expect(paid.filter((part) => !isSound(part))).toEqual([]);

        const { totals, taxes = [], discounts = [], lines: shown = [], shipping: sent } = priceMessage(price, "EUR");
        const parts = sent ? [...shown, sent] : shown;
        expect({
          net: minors(parts.map(({ net }) => net)),
          gross: minors(parts.map(({ gross }) => gross)),
          tax: minors(taxes.map(({ tax }) => tax)),
          netOfTaxes: minors(taxes.map(({ net }) => net)),
          discount: minors(discounts.map(({ amount }) => amount)),
        }).toEqual({
          net: totals?.net?.minor,
          gross: totals?.gross?.minor,
          tax: totals?.tax?.minor,
          netOfTaxes: totals?.net?.minor,
          discount: totals?.discount?.minor,
        });
      }),
      { numRuns: CARTS },
    );
  });
});
