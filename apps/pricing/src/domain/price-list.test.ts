import { describe, expect, it } from "vitest";
import type { Rules } from "../../test/fixtures.ts";
import { aLine, aList, aListPrice, aRequest, kindsOf, NOW, priced } from "../../test/fixtures.ts";
import type { PriceRequest } from "./request.ts";

const unitOf = (request: Partial<PriceRequest>, rules: Rules) => priced(aRequest(request), rules).lines[0]?.goods?.unit;
const inGroup = { customer: { groups: ["wholesale"] } };

describe("the price of a unit", () => {
  const lists = [aList({ id: "general" }), aList({ id: "wholesale", groups: ["wholesale"] })];
  const prices = [
    aListPrice({ priceListId: "general", minQuantity: 10, minor: 800n }),
    aListPrice({ priceListId: "wholesale", minor: 900n }),
  ];

  it("is the lowest of all lists that apply; a group does not hide general tiers", () => {
    const lines = (quantity: number) => ({ lines: [aLine({ quantity })] });
    expect(unitOf({ ...inGroup, ...lines(10) }, { lists, prices })).toEqual({
      minor: 800n,
      list: { id: "general", name: "general", minQuantity: 10 },
    });
    expect(unitOf({ ...inGroup, ...lines(9) }, { lists, prices })).toMatchObject({
      minor: 900n,
      list: { id: "wholesale" },
    });
    expect(unitOf(lines(9), { lists, prices })).toEqual({ minor: 1_000n });
  });

  it("counts the units of a SKU on all lines for a tier", () => {
    const lines = [aLine({ quantity: 4 }), aLine({ id: "again", sku: "S-1", quantity: 6 })];
    const price = priced(aRequest({ lines }), { lists, prices });
    expect(price.lines.map(({ goods }) => goods?.unit.minor)).toEqual([800n, 800n]);
  });

  it("is the base price where a list is not lower", () => {
    const same = [aListPrice({ priceListId: "general", minor: 1_000n })];
    expect(unitOf({}, { lists, prices: same })).toEqual({ minor: 1_000n });
    expect(unitOf({}, { lists, prices: [aListPrice({ priceListId: "general", minor: 1_001n })] })).toEqual({
      minor: 1_000n,
    });
  });

  it("follows the clock, the channel and the state of a list", () => {
    const of = (list: Parameters<typeof aList>[0], request: Partial<PriceRequest> = {}) =>
      unitOf(request, { lists: [aList(list)], prices: [aListPrice()] })?.minor;
    expect(of({})).toBe(900n);
    expect(of({ validFrom: NOW, validUntil: new Date(NOW.getTime() + 1) })).toBe(900n);
    expect(of({ validUntil: NOW })).toBe(1_000n);
    expect(of({ validFrom: new Date(NOW.getTime() + 1) })).toBe(1_000n);
    expect(of({ channels: ["app"] })).toBe(1_000n);
    expect(of({ channels: ["app"] }, { channel: "app" })).toBe(900n);
    expect(of({ inactive: true })).toBe(1_000n);
  });

  it("is never that of another currency", () => {
    const { unitPrice: _, ...line } = aLine();
    const price = priced(aRequest({ currency: "JPY", lines: [line, aLine({ id: "B", unitPrice: 500n })] }), {
      lists: [aList()],
      prices: [aListPrice()],
    });
    expect(kindsOf(price)).toEqual(["PRICE_MISSING"]);
    expect(price.lines.map(({ total }) => total)).toEqual([0n, 500n]);
  });
});
