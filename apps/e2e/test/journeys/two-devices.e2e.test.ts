import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "../shop.ts";
import { cartCalls } from "./guest-shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

describe("a registered shopper on two devices", () => {
  it("has one cart after log-in, receives a notice of a new price, and pays what she has seen", async () => {
    const [mug, pot] = [await shop.product(20), await shop.product(20)];
    const shopper = await shop.shopper();
    const [guest, user] = [cartCalls(shop.gateway), cartCalls(shop.gateway, shopper.accessToken)];
    await user.add("mine", mug);
    const { body: other } = await guest.create();
    await guest.add(other.id, mug);
    await guest.add(other.id, pot);

    const merged = await Promise.all([1, 2, 3].map(() => user.call("POST", "/carts:merge", { cartId: other.id })));
    for (const { status, body } of merged) {
      expect(status).toBe(200);
      expect(body).toMatchObject({
        lines: [
          { sku: mug, quantity: 2 },
          { sku: pot, quantity: 1 },
        ],
      });
    }
    expect(await guest.read(other.id)).toMatchObject({ status: 410, body: { reason: "CART_MERGED" } });

    const { body: seen } = await user.update("mine");
    expect(seen.problems ?? []).toEqual([]);
    expect(await guest.read(seen.id)).toMatchObject({ status: 404 });
    await shop.staff.catalog.setPrice({ productId: mug, sku: mug, price: { currency: "EUR", minor: 1500 } });
    const { body: now } = await user.read("mine");
    expect(now.problems).toMatchObject([{ kind: "price_changed", sku: mug }]);
    const refused = await user.checkout(seen);
    expect(refused).toMatchObject({
      status: 409,
      body: { reason: "CART_CHANGED", details: [{ version: now.version }] },
    });
    const placed = await user.checkout(now);
    expect(placed).toMatchObject({ status: 201, body: { order: { userId: shopper.userId } } });
    const orderId = placed.body.order?.id ?? "";
    await shopper.until(orderId, "completed");
    expect(await shop.charged(orderId)).toBe(2 * 1500 + 1200 + 490);
  });
});
