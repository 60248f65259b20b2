import { describe, expect, it } from "vitest";
import { aLine, aPromotion, aRate, aRequest, aZone, discountsOf, NOW, priced, sums } from "../../test/fixtures.ts";
import type { PriceRequest } from "./request.ts";

const to = (country: string, postcode = "", region = "") => ({ destination: { country, postcode, region } });
const de = aZone({ id: "de", home: true, vatPrefix: "DE" });
const at = aZone({ id: "at", vatPrefix: "AT" });
const books = { id: "reduced", name: "Books", productIds: ["book"], categoryIds: ["magazines"], version: 1 };
const rates = [aRate("de", 19), aRate("de", 7, { categoryId: "reduced" }), aRate("at", 20)];
const europe = { zones: [de, at], rates, categories: [books] };
const hundred = (fields: Partial<PriceRequest>) => aRequest({ lines: [aLine({ unitPrice: 10_000n })], ...fields });

describe("prices in another zone", () => {
  it("lose the tax of the home zone and get that of the destination", () => {
    expect(sums(priced(hundred(to("DE")), europe))).toEqual({
      total: 10_000n,
      net: 8_403n,
      tax: 1_597n,
      gross: 10_000n,
    });
    expect(sums(priced(hundred(to("AT")), europe))).toMatchObject({ gross: 10_084n, tax: 1_681n });
    const keeping = { ...europe, zones: [de, { ...at, keepPrice: true }] };
    expect(sums(priced(hundred(to("AT")), keeping))).toMatchObject({ gross: 10_000n, tax: 1_667n });
  });

  it("are without tax outside of all zones", () => {
    const price = priced(hundred(to("CH")), europe);
    expect(sums(price)).toEqual({ total: 8_403n, net: 8_403n, tax: 0n, gross: 8_403n });
    expect(price.treatment).toMatchObject({ export: true, pricesIncludeTax: false });
  });

  it("are shown without tax where the zone says so, and the tax is added", () => {
    const us = aZone({
      id: "us",
      pricesIncludeTax: false,
      areas: [{ country: "US", region: "California", postcodePrefix: "" }],
    });
    const price = priced(hundred(to("US", "94016", "california")), {
      ...europe,
      zones: [de, us],
      rates: [...rates, aRate("us", 8.875)],
    });
    expect(sums(price)).toEqual({ total: 8_403n, net: 8_403n, tax: 746n, gross: 9_149n });
  });

  it("are estimated by the home zone while the destination is not known", () => {
    const price = priced(hundred({}), europe);
    expect(price.treatment).toMatchObject({ zoneId: "de", estimated: true, export: false });
    expect(sums(price).gross).toBe(10_000n);
  });

  it("stay as they are in a shop without zones", () => {
    const price = priced(hundred(to("DE")));
    expect(sums(price)).toEqual({ total: 10_000n, net: 10_000n, tax: 0n, gross: 10_000n });
    expect(price.treatment).toBeUndefined();
    expect(price.lines[0]?.taxes).toEqual([]);
  });
});

describe("reverse charge", () => {
  const northernIreland = aZone({
    id: "xi",
    vatPrefix: "XI",
    areas: [{ country: "GB", region: "", postcodePrefix: "BT" }],
  });
  const union = { ...europe, zones: [de, at, northernIreland], rates: [...rates, aRate("xi", 20)] };
  const withId = (verifiedVatId: string, destination: Partial<PriceRequest>) =>
    priced(hundred(destination), { ...union, party: { ...destination, verifiedVatId } });

  it.each([
    ["a verified id of another member state, delivered to another one", "ATU13585627", to("AT"), 0n, true],
    ["an id of the shop's own state", "DE136695976", to("AT"), 1_681n, false],
    ["goods that stay in the shop's state", "ATU13585627", to("DE"), 1_597n, false],
    ["an id of Northern Ireland, delivered there", "XI110305878", to("GB", "bt1 1aa"), 0n, true],
    ["an id of no member state", "GB980780684", to("AT"), 1_681n, false],
    ["no verified id, as a company name or a failed check is", "", to("AT"), 1_681n, false],
  ])("depends on all conditions: %s", (_, vatId, destination, tax, reverseCharge) => {
    const price = withId(vatId, destination);
    expect(sums(price).tax).toBe(tax);
    expect(price.treatment?.reverseCharge).toBe(reverseCharge);
    if (reverseCharge) expect(sums(price).gross).toBe(8_403n);
  });

  it("is no export: an id of a member state with goods to a third country", () => {
    expect(withId("ATU13585627", to("CH")).treatment).toMatchObject({ export: true, reverseCharge: false });
    expect(withId("GB980780684", to("GB", "SW1A 1AA")).treatment).toMatchObject({ export: true });
  });
});

describe("zones", () => {
  const es = aZone({ id: "es" });
  const canaries = aZone({
    id: "canaries",
    areas: ["35", "38"].map((postcodePrefix) => ({ country: "ES", region: "", postcodePrefix })),
  });
  const ni = aZone({ id: "ni", areas: [{ country: "GB", region: "", postcodePrefix: "BT" }] });
  const busingen = aZone({ id: "busingen", areas: [{ country: "DE", region: "", postcodePrefix: "78266" }] });
  const quebec = aZone({ id: "quebec", areas: [{ country: "CA", region: "Québec", postcodePrefix: "" }] });
  const rules = {
    zones: [de, es, canaries, ni, busingen, quebec, aZone({ id: "ca" })],
    rates: [aRate("de", 19), aRate("es", 21), aRate("ni", 20), aRate("quebec", 14.975), aRate("ca", 5)],
  };

  it.each([
    ["Las Palmas", to("ES", "35001"), "canaries", 0],
    ["Madrid", to("ES", "28001"), "es", 210_000],
    ["Belfast", to("GB", "bt1 1aa"), "ni", 200_000],
    ["Büsingen", to("DE", "78 266"), "busingen", 0],
    ["Québec in another spelling", to("CA", "H2X 1Y4", "QUÉBEC"), "quebec", 149_750],
    ["a country without its own region", to("CA", "", "Ontario"), "ca", 50_000],
    ["a destination whose postcode is not known", to("ES"), "es", 210_000],
    ["Jersey", to("JE", "JE2 3AB"), undefined, 0],
  ])("match by the narrowest area: %s", (_, destination, zoneId, ppm) => {
    const price = priced(hundred(destination), rules);
    expect(price.treatment?.zoneId).toBe(zoneId);
    expect(price.lines[0]?.taxes[0]?.rate.ppm).toBe(ppm);
  });
});

describe("tax on what is paid", () => {
  it("spreads a discount on the order over lines, and each share lowers the tax of its own rate", () => {
    const free = { id: "untaxed", name: "Untaxed", productIds: ["B"], categoryIds: [], version: 1 };
    const rules = {
      zones: [de],
      categories: [free],
      rates: [aRate("de", 20), aRate("de", 0, { categoryId: "untaxed" })],
      promotions: [aPromotion({ action: { type: "amount", amounts: new Map([["EUR", 5_000n]]), target: "order" } })],
    };
    const lines = [aLine({ id: "A", unitPrice: 10_000n }), aLine({ id: "B", unitPrice: 10_000n })];
    const price = priced(aRequest({ lines, ...to("DE") }), rules);
    expect(discountsOf(price)).toEqual([2_500n, 2_500n]);
    expect(sums(price).tax).toBe(1_250n);
  });

  it("taxes shipping by the goods that cost something", () => {
    const gift = aPromotion({
      selection: { productIds: ["toy"], categoryIds: [], skus: [] },
      action: { type: "percent", ppm: 1_000_000, target: "lines" },
    });
    const lines = [aLine({ id: "book" }), aLine({ id: "toy" })];
    const request = aRequest({ lines, shipping: 500n, ...to("DE") });
    expect(priced(request, europe).shipping?.taxes.map(({ rate }) => rate.ppm)).toEqual([70_000, 190_000]);
    const price = priced(request, { ...europe, promotions: [gift] });
    expect(price.shipping?.taxes).toMatchObject([{ rate: { ppm: 70_000 }, net: 467n, tax: 33n }]);
  });

  it("taxes shipping on its own, less its own discount", () => {
    const request = aRequest({ shipping: 500n, ...to("DE") });
    expect(priced(request, europe).shipping).toMatchObject({ total: 500n, tax: 80n });
    const free = aPromotion({ action: { type: "percent", ppm: 1_000_000, target: "shipping" } });
    expect(priced(request, { ...europe, promotions: [free] }).shipping).toMatchObject({ total: 0n, net: 0n, tax: 0n });
    const own = { ...europe, zones: [{ ...de, shippingCategoryId: "reduced" }] };
    expect(priced(request, own).shipping?.taxes).toMatchObject([{ rate: { ppm: 70_000 }, category: "reduced" }]);
  });

  it("finds the tax category of a line: its own, its product's, its categories'", () => {
    const rateOf = (line: Parameters<typeof aLine>[0]) =>
      priced(aRequest({ lines: [aLine(line)], ...to("DE") }), europe).lines[0]?.taxes[0]?.rate.ppm;
    expect(rateOf({ productId: "book" })).toBe(70_000);
    expect(rateOf({ categoryIds: ["magazines", "paper"] })).toBe(70_000);
    expect(rateOf({ taxCategoryId: "reduced" })).toBe(70_000);
    expect(rateOf({ taxCategoryId: "unknown" })).toBe(190_000);
    expect(rateOf({})).toBe(190_000);
  });

  it("fails rather than charge no tax by accident, and follows the clock", () => {
    const ended = { validUntil: new Date(NOW.getTime() - 1) };
    const old = { ...europe, rates: [aRate("de", 19, ended)] };
    expect(() => priced(hundred(to("DE")), old)).toThrow(expect.objectContaining({ reason: "TAX_RATE_MISSING" }));
    const next = aRate("de", 16, { id: "next", validFrom: new Date(NOW.getTime() - 1) });
    const price = priced(hundred(to("DE")), { ...europe, rates: [aRate("de", 19, ended), next] });
    expect(price.lines[0]?.taxes[0]?.rate).toMatchObject({ id: "next", ppm: 160_000 });
  });
});
