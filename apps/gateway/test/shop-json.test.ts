import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => {
  shop.seen.splice(0);
});
afterAll(() => shop.stop());

const user = () => ({ Authorization: `Bearer ${shop.token("u1", "orders.read orders.write")}` });
const place = (item: string) =>
  shop.fetch("/api/v1/orders", {
    method: "POST",
    headers: { ...user(), "Content-Type": "application/json" },
    body: `{
      "items": [${item}],
      "shippingAddressId": "ADDR-55",
      "paymentMethod": "card",
      "idempotencyKey": "uuid-client-generated-key"
    }`,
  });

describe("amounts of the shop", () => {
  it("are JSON numbers", async () => {
    const variants = [{ sku: "a", price: { currency: "EUR", minor: 1200n }, weightGrams: 300 }];
    shop.script = () => ({ product: { id: "p1", version: 3, variants } });
    const product = await (await shop.fetch("/api/v1/products/p1")).json();
    expect(product).toMatchObject({ version: 3, variants: [{ price: { currency: "EUR", minor: 1200 } }] });
  });

  it("are an error rather than a rounded number beyond 2^53", async () => {
    shop.script = () => ({ product: { id: "p2", variants: [{ price: { currency: "EUR", minor: 2n ** 53n + 1n } }] } });
    const answer = await shop.fetch("/api/v1/products/p2");
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await answer.text()).not.toContain("90071992547409");
  });

  it("are read as the request for an order shows them", async () => {
    shop.script = () => ({ order: { id: "o1" } });
    expect((await place('{ "productId": "P-101", "quantity": 2, "price": 1200 }')).status).toBe(201);
    expect(shop.seen[0]?.request).toMatchObject({ items: [{ productId: "P-101", quantity: 2, price: 1200n }] });
  });

  it.each(["9007199254740992", '"9007199254740993"', "1e16"])("are refused as %s", async (price) => {
    const answer = await place(`{ "productId": "P-101", "quantity": 2, "price": ${price} }`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: "/items/0/price" }] });
    expect(shop.seen).toEqual([]);
  });

  it("are refused beyond 2^53 in a query", async () => {
    shop.script = () => ({});
    expect((await shop.fetch("/api/v1/products:search?minPrice=9007199254740993")).status).toBe(400);
    expect((await shop.fetch("/api/v1/products:search?minPrice=100")).status).toBe(200);
  });
});

describe("states of the shop", () => {
  it("are written short, and left out when they are not set", async () => {
    shop.script = () => ({ shipment: { id: "s1", status: 4, tracking: [{ status: 4 }, {}] } });
    const answer = await shop.fetch("/api/v1/orders/o1/shipment", { headers: user() });
    const { status, tracking } = (await answer.json()) as { status: string; tracking: { status?: string }[] };
    expect([status, tracking[0]?.status]).toEqual(["in_transit", "in_transit"]);
    expect(Object.keys(tracking[1] ?? {})).not.toContain("status");
  });

  it.each([
    "price_descending",
    "PRICE_DESCENDING",
    "priceDescending",
    "price-descending",
    "SEARCH_ORDER_PRICE_DESCENDING",
  ])("are read from a query as %s", async (orderBy) => {
    shop.script = () => ({});
    expect((await shop.fetch(`/api/v1/products:search?orderBy=${orderBy}`)).status).toBe(200);
    expect(shop.seen[0]?.request).toMatchObject({ orderBy: 2 });
  });

  it("are refused when they are unknown", async () => {
    const answer = await shop.fetch("/api/v1/products:search?orderBy=cheapest");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ parameter: "orderBy" }] });
  });
});

describe("money of the shop", () => {
  const eur = (minor: bigint) => ({ currency: "EUR", minor });

  it("has one shape in orders, and the fields that pods of the previous version read remain on the wire", async () => {
    const items = [{ sku: "a", quantity: 2, priceMinor: 1200n, price: eur(1200n), total: eur(2400n) }];
    shop.script = () => ({ order: { id: "o1", items, total: eur(2400n), refunded: eur(0n) } });
    const order = await (await shop.fetch("/api/v1/orders/o1", { headers: user() })).json();
    expect(order).toMatchObject({
      items: [{ price: { currency: "EUR", minor: 1200 }, total: { currency: "EUR", minor: 2400 } }],
      refunded: { currency: "EUR", minor: 0 },
    });
    expect(JSON.stringify(order)).not.toContain("priceMinor");
  });

  it("has that shape in a refund, which pods of the version before read as a number", async () => {
    shop.script = () => ({ payment: { id: "p1", capturedMinor: 500n, captured: eur(500n) } });
    const refund = (body: object) =>
      shop.fetch("/api/v1/payments/p1:refund", {
        method: "POST",
        headers: {
          Authorization: `Bearer ${shop.token("u1", "payments.write")}`,
          ...{ "Content-Type": "application/json", "Idempotency-Key": "k" },
        },
        body: JSON.stringify(body),
      });
    const answer = await refund({ amount: { currency: "EUR", minor: 500 } });
    expect(answer.status).toBe(200);
    const payment = (await answer.json()) as object;
    expect(payment).toMatchObject({ captured: { currency: "EUR", minor: 500 } });
    expect(payment).not.toHaveProperty("capturedMinor");
    expect(shop.seen[0]?.request).toMatchObject({ amount: eur(500n), amountMinor: 500n });
    expect((await refund({ amountMinor: 500 })).status).toBe(400);
    expect((await refund({ amount: 500 })).status).toBe(400);
  });
});
