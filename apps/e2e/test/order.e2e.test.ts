import { randomUUID } from "node:crypto";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anOrder, type OrderBody, type Problem, type Shop, type Shopper, startShop } from "./shop.ts";

let shop: Shop;
let shopper: Shopper;
beforeAll(async () => {
  shop = await startShop({ "carrier-simulator": { STEP_MS: "200", PICKUP_MS: "200" } });
  shopper = await shop.shopper();
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

const slowCarrier = { PICKUP_MS: "3600000" };

describe("an order", () => {
  it("is accepted, paid, dispatched, delivered and mailed", async () => {
    const product = await shop.product(10);
    const placed = await shopper.place(product);
    expect(placed.status).toBe(201);
    expect(placed.body).toMatchObject({ status: "placed", userId: shopper.userId, version: 1 });
    const { id } = placed.body;
    const order = await shopper.until(id, "completed");
    expect(order.trackingNumber).toBeTruthy();
    expect(await shopper.history(id)).toEqual([
      ...["placed", "stock-reserved", "payment-authorised", "stock-committed", "confirmed", "dispatched"],
      ...["shipped", "completed"],
    ]);
    expect(await shop.charged(id)).toBe(2 * 1200 + 490);
    expect(await shop.stockOf(product)).toMatchObject({ available: 8, held: 0 });
    await eventually(async () => expect(await shop.mails(shopper.email)).toHaveLength(2));
  });

  it("shows payment, shipment and history in one call", async () => {
    const placed = await shopper.place(await shop.product(10));
    await shopper.until(placed.body.id, "completed");
    const details = await shopper.client.orderDetails.getOrderDetails({ orderId: placed.body.id });
    expect(details).toMatchObject({
      order: { id: placed.body.id },
      payment: { status: "captured", captured: { currency: "EUR", minor: 2890 } },
      shipment: { status: "delivered" },
      missing: [],
    });
  });

  it("can be followed live until it is final", async () => {
    const placed = await shopper.place(await shop.product(10));
    const signal = AbortSignal.timeout(30_000);
    const states = await Array.fromAsync(shopper.client.orders.watchOrder({ orderId: placed.body.id }, { signal }));
    const statuses = states.map(({ status }) => status);
    expect(statuses.at(-1)).toBe("completed");
    expect(new Set(statuses).size).toBeGreaterThan(1);
  });

  it("is listed for its owner", async () => {
    const placed = await shopper.place(await shop.product(10));
    const { orders } = await shopper.client.orders.listOrders({ userId: shopper.userId });
    expect(orders[0]?.id).toBe(placed.body.id);
  });
});

describe("an order that cannot be accepted", () => {
  it("at another price is refused with 409 and both prices", async () => {
    const product = await shop.product(10);
    const items = [{ productId: product, quantity: 1, price: 1100 }];
    const answer = await shopper.place<Problem>(product, { items });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ reason: "PRICE_CHANGED", metadata: { seenPrice: "1100", realPrice: "1200" } });
  });

  it.each([
    ["quantity 0", { items: [{ productId: "P", quantity: 0, price: 1 }] }, "/items/0/quantity"],
    ["a negative quantity", { items: [{ productId: "P", quantity: -1, price: 1 }] }, "/items/0/quantity"],
    ["a quantity of 1e9", { items: [{ productId: "P", quantity: 1e9, price: 1 }] }, "/items/0/quantity"],
    ["no items", { items: [] }, "/items"],
    ["200 lines", { items: Array.from({ length: 200 }, () => ({ productId: "P", quantity: 1, price: 1 })) }, "/items"],
    ["an unknown product", { items: [{ productId: "P-NONE", quantity: 1, price: 1 }] }, "/items/0/productId"],
    ["no key", { idempotencyKey: "" }, "/idempotencyKey"],
    ["an unknown field", { total: 1 }, "/total"],
  ])("because of %s names the field", async (_, overrides, pointer) => {
    const answer = await shopper.place<Problem>("P-1", overrides);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
  });

  it("because the address is another user's names the field", async () => {
    const stranger = await shop.shopper();
    const place = { line1: "X 1", city: "Berlin", postalCode: "10115", country: "DE" };
    const address = { id: "ADDR-77", recipient: "Eve", ...place };
    await stranger.client.users.createAddress({ userId: stranger.userId, address });
    const answer = await shopper.place<Problem>(await shop.product(1), { shippingAddressId: "ADDR-77" });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => error.pointer)).toEqual(["/shippingAddressId"]);
  });

  it("without a token, or with a bad one, is 401; for an account that is not one's own 403", async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${shop.gateway}/api/v1/orders`, { method: "POST", headers, body: JSON.stringify(anOrder("P-1")) });
    const anonymous = await post({ "content-type": "application/json" });
    expect([anonymous.status, anonymous.headers.get("www-authenticate")]).toEqual([
      401,
      expect.stringMatching(/^Bearer/),
    ]);
    expect((await post({ "content-type": "application/json", authorization: "Bearer x.y.z" })).status).toBe(401);
    expect((await shopper.request("GET", `/api/v1/users/${randomUUID()}/orders`)).status).toBe(403);
  });
});

describe("a repeated order", () => {
  it("receives the same bytes, also concurrently, and is executed once", async () => {
    const product = await shop.product(10);
    const body = anOrder(product);
    const send = (headers = {}) => shopper.request<OrderBody>("POST", "/api/v1/orders", body, headers);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send()));
    const again = await send();
    const byHeader = await shopper.request(
      ...(["POST", "/api/v1/orders", { ...body, idempotencyKey: undefined }] as const),
      { "idempotency-key": body.idempotencyKey },
    );
    const all = [...answers, again, byHeader];
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect(all.filter(({ headers }) => headers.get("idempotent-replayed") === "true")).toHaveLength(11);
    await shopper.until(again.body.id, "completed");
    expect(await shop.stockOf(product)).toMatchObject({ available: 8, held: 0 });
    expect(await shop.providerPayments(again.body.id)).toHaveLength(1);
  });

  it("receives the same bytes after a restart of orders", async () => {
    const body = anOrder(await shop.product(10));
    const first = await shopper.request<OrderBody>("POST", "/api/v1/orders", body);
    await shop.restart("orders");
    const again = await shopper.request<OrderBody>("POST", "/api/v1/orders", body);
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  it("with another body is 422, and with two different keys 400", async () => {
    const body = anOrder(await shop.product(10));
    await shopper.request("POST", "/api/v1/orders", body);
    const other = await shopper.request<Problem>("POST", "/api/v1/orders", { ...body, paymentMethod: "tok_visa" });
    expect([other.status, other.body.reason]).toEqual([422, "IDEMPOTENCY_KEY_REUSED"]);
    const both = await shopper.request("POST", "/api/v1/orders", body, { "idempotency-key": randomUUID() });
    expect(both.status).toBe(400);
  });

  it("of another shopper with the same key is a separate order", async () => {
    const product = await shop.product(10);
    const body = anOrder(product);
    const first = await shopper.request<OrderBody>("POST", "/api/v1/orders", body);
    const second = await (await shop.shopper()).request<OrderBody>("POST", "/api/v1/orders", body);
    expect(second.body.id).not.toBe(first.body.id);
  });
});

describe("the card", () => {
  it.each([
    ["tok_declined", "card_declined"],
    ["tok_insufficient_funds", "insufficient_funds"],
  ])("%s rejects the order, releases the stock and charges nothing", async (paymentMethod, code) => {
    const product = await shop.product(5);
    const { body } = await shopper.place(product, { paymentMethod });
    const order = await shopper.until(body.id, "rejected");
    expect(order).toMatchObject({ reason: "PAYMENT_DECLINED", reasonDetail: expect.stringContaining(code) });
    expect(await shop.stockOf(product)).toMatchObject({ available: 5, held: 0 });
    expect(await shop.charged(body.id)).toBe(0);
  });

  it.each(["tok_slow", "tok_timeout_after_success", "tok_error", "tok_capture_fails_once"])(
    "%s is charged once in the end",
    async (paymentMethod) => {
      const { body } = await shopper.place(await shop.product(5), { paymentMethod });
      await shopper.until(body.id, "completed", 60_000);
      expect(await shop.charged(body.id)).toBe(2890);
      expect(await shop.providerPayments(body.id)).toHaveLength(1);
    },
  );

  it.each([
    ["succeed", "completed", 2890],
    ["fail", "rejected", 0],
  ])("that needs the shopper's confirmation waits, and continues when they %s", async (outcome, status, charged) => {
    const { body } = await shopper.place(await shop.product(5), { paymentMethod: "tok_3ds" });
    const asked = await eventually(async () => {
      const order = await shopper.order(body.id);
      expect(order.actionUrl).toBeTruthy();
      return order;
    });
    expect(asked.status).toBe("placed");
    await fetch(`${asked.actionUrl}?outcome=${outcome}`);
    await shopper.until(body.id, status);
    expect(await shop.charged(body.id)).toBe(charged);
  });
});

describe("stock", () => {
  it("of the last unit goes to exactly one of fifty shoppers", async () => {
    const product = await shop.product(1);
    const items = [{ productId: product, quantity: 1, price: 1200 }];
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => shopper.place<OrderBody & Problem>(product, { items })),
    );
    const accepted = answers.filter(({ status }) => status === 201);
    for (const refused of answers.filter(({ status }) => status !== 201))
      expect([refused.status, refused.body.reason]).toEqual([409, "OUT_OF_STOCK"]);
    const statuses = await Promise.all(
      accepted.map(({ body }) =>
        eventually(
          async () => {
            const { status, reason } = await shopper.order(body.id);
            expect(status).toMatch(/completed|rejected/);
            return [status, reason].join(" ").trim();
          },
          { timeoutMs: 40_000 },
        ),
      ),
    );
    expect(statuses.filter((status) => status === "completed")).toHaveLength(1);
    expect(statuses.filter((status) => status !== "completed")).toEqual(
      Array(statuses.length - 1).fill("rejected OUT_OF_STOCK"),
    );
    expect(await shop.stockOf(product)).toMatchObject({ available: 0, held: 0 });
  });

  it("that is not there at all is 409", async () => {
    const answer = await shopper.place<Problem>(await shop.product(0));
    expect([answer.status, answer.body.reason]).toEqual([409, "OUT_OF_STOCK"]);
  });
});

describe("cancelling", () => {
  it("while the bank awaits the confirmation undoes everything", async () => {
    const product = await shop.product(5);
    const { body } = await shopper.place(product, { paymentMethod: "tok_3ds" });
    await eventually(async () => expect((await shopper.order(body.id)).actionUrl).toBeTruthy());
    const answer = await shopper.request<OrderBody>("POST", `/api/v1/orders/${body.id}:cancel`, {
      reason: "Too dear.",
    });
    expect(answer.status).toBe(200);
    const order = await shopper.until(body.id, "cancelled");
    expect(order.reason).toBe("CANCELLED_BY_CUSTOMER");
    expect(await shop.stockOf(product)).toMatchObject({ available: 5, held: 0 });
    expect(await shop.charged(body.id)).toBe(0);
    const again = await shopper.request<OrderBody>("POST", `/api/v1/orders/${body.id}:cancel`, {});
    expect([again.status, again.body.status]).toEqual([200, "cancelled"]);
  });

  it("after it was paid refunds the money, takes the stock back and mails", async () => {
    await shop.restart("carrier-simulator", slowCarrier);
    const product = await shop.product(5);
    const { body } = await shopper.place(product);
    await eventually(async () => expect((await shopper.order(body.id)).trackingNumber).toBeTruthy());
    expect(await shop.charged(body.id)).toBe(2890);
    await shopper.request("POST", `/api/v1/orders/${body.id}:cancel`, {});
    await shopper.until(body.id, "cancelled");
    expect(await shop.charged(body.id)).toBe(0);
    expect(await shop.stockOf(product)).toMatchObject({ available: 5, held: 0 });
    await shop.restart("carrier-simulator");
  });

  it("is refused once the carrier has the parcel", async () => {
    const { body } = await shopper.place(await shop.product(5));
    await shopper.until(body.id, "completed");
    const answer = await shopper.request<Problem>("POST", `/api/v1/orders/${body.id}:cancel`, {});
    expect([answer.status, answer.body.reason]).toEqual([409, "ORDER_NOT_CANCELLABLE"]);
  });

  it("of someone else's order finds none", async () => {
    const { body } = await shopper.place(await shop.product(5));
    const stranger = await shop.shopper();
    expect((await stranger.request("POST", `/api/v1/orders/${body.id}:cancel`, {})).status).toBe(404);
    expect((await stranger.request("GET", `/api/v1/orders/${body.id}`)).status).toBe(404);
  });
});
