import { KontorError, violation } from "@kontor/errors";
import { money } from "@kontor/money";
import { describe, expect, it } from "vitest";
import { aLine, anOrderRequest, aPlacement, aQuote } from "./fixtures.ts";
import { checkShippingAddress, checkStock, placement, priceLines, validatePaymentMethod, weightOf } from "./place.ts";

const anItem = (overrides = {}) => ({ productId: "P-101", sku: "", quantity: 2, price: 1200n, ...overrides });

function fieldsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof KontorError) return error.violations.map(({ field }) => field);
    throw error;
  }
  return [];
}

const identity = { orderId: "o-1", number: "K-7Q4M-2X9P" };

describe("a payment method", () => {
  const methods = { names: ["card", "tok_*"], has: (method: string) => /^(card|tok_\w+)$/.test(method) };

  it.each(["", "bitcoin"])("that the shop does not accept is refused: %j", (paymentMethod) => {
    expect(fieldsOf(() => validatePaymentMethod(anOrderRequest({ paymentMethod }), methods))).toEqual([
      "paymentMethod",
    ]);
    expect(() => validatePaymentMethod(anOrderRequest({ paymentMethod: "tok_visa" }), methods)).not.toThrow();
  });
});

describe("pricing the lines", () => {
  it("takes title and price from the catalog", () => {
    expect(priceLines([anItem()], [aQuote()])).toEqual([aLine()]);
  });

  it("is refused when the shopper saw another price, naming both", () => {
    expect(() => priceLines([anItem({ price: 1100n })], [aQuote()])).toThrow(
      expect.objectContaining({
        reason: "PRICE_CHANGED",
        metadata: expect.objectContaining({ seenPrice: "1100", realPrice: "1200", field: "items[0].price" }),
      }),
    );
  });

  it("names every product that is not on sale", () => {
    const quotes = [
      aQuote(),
      aQuote({ productId: "P-9", problem: "UNKNOWN_PRODUCT" }),
      aQuote({ problem: "SKU_REQUIRED" }),
    ];
    expect(fieldsOf(() => priceLines([anItem(), anItem(), anItem()], quotes))).toEqual([
      "items[1].productId",
      "items[2].sku",
    ]);
  });

  it.each([
    ["productId", aQuote({ productId: "4111111111111111", problem: "UNKNOWN_PRODUCT" })],
    ["sku", aQuote({ sku: "4111111111111111", problem: "UNKNOWN_SKU" })],
  ])("does not repeat a card number that was sent as %s", (field, quote) => {
    const refused = () => priceLines([anItem()], [quote]);
    expect(refused).toThrow(expect.objectContaining({ violations: [violation(`items[0].${field}`, "CARD_NUMBER")] }));
    expect(refused).not.toThrow("4111111111111111");
  });

  it("takes products whose id consists of digits, though they pass as a card number", () => {
    const digits = { productId: "4111111111111111", sku: "4111111111111111" };
    expect(priceLines([anItem(digits)], [aQuote(digits)])).toEqual([aLine(digits)]);
  });

  it("refuses the same variant twice", () => {
    expect(fieldsOf(() => priceLines([anItem(), anItem()], [aQuote(), aQuote()]))).toEqual(["items[1]"]);
  });

  it("refuses to add up different currencies", () => {
    const quotes = [aQuote(), aQuote({ sku: "X", unitPrice: money("USD", 1200n) })];
    expect(() => priceLines([anItem(), anItem()], quotes)).toThrow(
      expect.objectContaining({ reason: "MIXED_CURRENCIES" }),
    );
  });
});

describe("a shipping address", () => {
  const { address } = aPlacement();

  it.each(["id", "recipient", "line1", "line2", "city", "postalCode", "region"] as const)(
    "with a card number as %s is refused before an order copies it",
    (field) => {
      expect(fieldsOf(() => checkShippingAddress({ ...address, [field]: "4111 1111 1111 1111" }))).toEqual([
        "shippingAddressId",
      ]);
    },
  );

  it("without a card number passes", () => {
    expect(() => checkShippingAddress({ ...address, line2: "Tel. +49 40 123456" })).not.toThrow();
  });
});

describe("checking stock", () => {
  it("accepts available units and names missing ones", () => {
    expect(() => checkStock([aLine()], { units: new Map([["P-101", 2]]), lowStock: 5 })).not.toThrow();
    expect(() => checkStock([aLine()], { units: new Map([["P-101", 1]]), lowStock: 5 })).toThrow(
      expect.objectContaining({ reason: "OUT_OF_STOCK", metadata: expect.objectContaining({ available: "1" }) }),
    );
    expect(() => checkStock([aLine()], { units: new Map(), lowStock: 5 })).toThrow(
      expect.objectContaining({ reason: "OUT_OF_STOCK" }),
    );
  });

  it("shows the number of available units only up to the public limit", () => {
    const refusalOf = (units: number) => {
      try {
        checkStock([aLine({ quantity: 50 })], { units: new Map([["P-101", units]]), lowStock: 5 });
      } catch (error) {
        return error;
      }
    };
    expect(refusalOf(5)).toMatchObject({ metadata: { available: "5" } });
    expect(refusalOf(6)).toMatchObject({ reason: "OUT_OF_STOCK", message: "Fewer than 50 of P-101 can be ordered." });
    expect(refusalOf(6)).not.toMatchObject({ metadata: { available: expect.anything() } });
  });
});

describe("a placement", () => {
  it("weighs no more than the contract's limit, which is above that of any parcel", () => {
    const lines = [aLine({ quantity: 999 })];
    expect(weightOf(lines, [aQuote({ weightGrams: 2_147_483_647 })])).toBe(2_147_483_647);
  });

  it("is refused when its total is more than can be charged", () => {
    const priced = {
      currency: "EUR",
      weightGrams: 1,
      address: aPlacement().address,
      shippingTotal: money("EUR", 490n),
    };
    const lines = [aLine({ quantity: 999, price: 2n ** 63n - 1n })];
    expect(fieldsOf(() => placement(identity, anOrderRequest(), { ...priced, lines }))).toEqual(["items"]);
  });

  it("adds up lines, shipping and weight", () => {
    const lines = [aLine()];
    const priced = { lines, currency: "EUR", weightGrams: weightOf(lines, [aQuote()]), address: aPlacement().address };
    const placed = placement(identity, anOrderRequest(), { ...priced, shippingTotal: money("EUR", 490n) });
    expect(placed).toEqual({ ...aPlacement(), ...identity });
  });
});
