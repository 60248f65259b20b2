import { type OrderSort, OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

const { cancelOrder, endSaga, placeOrder, searchOrders } = OrdersService.method;
const anItem = (overrides: object = {}) => ({ productId: "P-101", quantity: 2, price: 1200n, ...overrides });
const anOrder = (overrides: object = {}) => ({
  ...{ items: [anItem()], shippingAddressId: "home", paymentMethod: "card", idempotencyKey: "k-1", ...overrides },
});
const codesOf = (...args: Parameters<typeof violationsIn>) =>
  violationsIn(...args).map(({ field, code }) => `${field} ${code}`);

describe("the contract of orders", () => {
  it("accepts an order, with or without a SKU and a shipping method", () => {
    expect(violationsIn(placeOrder, anOrder())).toEqual([]);
    expect(violationsIn(placeOrder, anOrder({ items: [anItem({ sku: "" })], shippingMethod: "express" }))).toEqual([]);
  });

  it.each([
    ["items WRONG_COUNT", { items: [] }],
    ["items WRONG_COUNT", { items: Array.from({ length: 100_000 }, () => anItem({ quantity: 0 })) }],
    ["items[0].quantity OUT_OF_RANGE", { items: [anItem({ quantity: 0 })] }],
    ["items[1].quantity OUT_OF_RANGE", { items: [anItem(), anItem({ quantity: 1_000 })] }],
    ["items[0].price TOO_SMALL", { items: [anItem({ price: -1n })] }],
    ["items[0].productId WRONG_CHARACTERS", { items: [anItem({ productId: "" })] }],
    ["items[0].sku WRONG_CHARACTERS", { items: [anItem({ sku: "x".repeat(65) })] }],
    ["shippingAddressId WRONG_CHARACTERS", { shippingAddressId: "" }],
    ["shippingAddressId CARD_NUMBER", { shippingAddressId: "4111-1111-1111-1111" }],
    ["paymentMethod CARD_NUMBER", { paymentMethod: "tok_5555555555554444" }],
    ["shippingMethod NOT_IN", { shippingMethod: "drone" }],
    ["idempotencyKey WRONG_KEY", { idempotencyKey: " k" }],
    ["idempotencyKey CARD_NUMBER", { idempotencyKey: "4111 1111 1111 1111" }],
  ])("refuses %s and does not repeat the value", (violation, overrides) => {
    expect(codesOf(placeOrder, anOrder(overrides))).toEqual([violation]);
    expect(JSON.stringify(violationsIn(placeOrder, anOrder(overrides)))).not.toMatch(/4111|5555/);
  });

  it("refuses an order with all that is wrong with it", () => {
    const request = anOrder({ items: [anItem({ quantity: 0, price: -5n })], shippingMethod: "drone" });
    expect(violationsIn(placeOrder, request)).toMatchObject([
      { field: "items[0].quantity", params: { min: 1, max: 999 } },
      { field: "items[0].price", params: { min: 0 } },
      { field: "shippingMethod", params: { values: ["standard", "express"] } },
    ]);
  });

  it.each([cancelOrder, endSaga])("limits reasons", (method) => {
    expect(violationsIn(method, { reason: `two\nlines ${"😀".repeat(490)}  ` })).toEqual([]);
    expect(codesOf(method, { reason: "x".repeat(501) })).toEqual(["reason TOO_LONG"]);
    expect(codesOf(method, { reason: "my card 4111 1111 1111 1111\u0007" })).toEqual([
      "reason CONTROL_CHARACTERS",
      "reason CARD_NUMBER",
    ]);
  });

  it("refuses filters of lists", () => {
    const request = { userId: "a b", sku: "ä", text: "x".repeat(201), status: 99 as never, orderBy: 99 as OrderSort };
    expect(codesOf(searchOrders, { ...request, pageSize: -1 })).toEqual([
      "status NOT_IN",
      "userId WRONG_CHARACTERS",
      "sku WRONG_CHARACTERS",
      "text TOO_LONG",
      "orderBy NOT_IN",
      "pageSize OUT_OF_RANGE",
    ]);
    expect(violationsIn(searchOrders, { orderBy: 99 as OrderSort })[0]?.params).toEqual({
      values: ["newest", "oldest", "total_ascending", "total_descending"],
    });
  });
});
