import { randomUUID } from "node:crypto";
import { event } from "@kontor/messaging";
import { createClient } from "@kontor/rpc";
import { CartProblemKind } from "@kontor/shop/contracts/orders/v1/cart";
import { CartService } from "@kontor/shop/contracts/orders/v1/cart_service";
import { OrderStatus } from "@kontor/shop/contracts/orders/v1/order";
import { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { UserEmailVerifiedSchema, UserRegisteredSchema } from "@kontor/shop/contracts/users/v1/events";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { startOrders } from "./started-orders.ts";

const started = await startOrders();
const { at, callees, db, issuer } = started;
const [carts, orders] = [createClient(CartService, at), createClient(OrdersService, at)];
const as = (user: string) => ({
  metadata: { authorization: `Bearer ${issuer.tokenOf(user, ["orders.read", "orders.write"])}` },
});
const publish = await started.startPublisher("users");

afterAll(async () => {
  carts[Symbol.dispose]();
  orders[Symbol.dispose]();
  await started.stop();
});
beforeEach(() => {
  for (const name of Object.keys(callees.on)) delete callees.on[name];
});

const users = {
  publish: (schema: typeof UserEmailVerifiedSchema | typeof UserRegisteredSchema, userId: string, email: string) =>
    publish(event(schema, { userId, email }, { key: userId })),
};

const street = { recipient: "Ada", line1: "Weg 1", city: "Berlin", postalCode: "10115", country: "DE" };
const idOf = (response: { readonly cart?: { readonly id: string } | undefined }) => response.cart?.id ?? "";

/** Fills the cart of a guest so that it can be ordered. */
async function filled(email = "ada@example.com") {
  const cartId = idOf(await carts.createCart({}));
  await carts.addCartLine({ cartId, productId: "P-101", quantity: 2 });
  const { cart } = await carts.updateCart({ cartId, shippingAddress: street, email });
  if (cart === undefined) throw new Error("There is no cart.");
  return cart;
}
const checkout = ({ id: cartId, version }: { id: string; version: string }, idempotencyKey: string = randomUUID()) =>
  carts.checkoutCart({ cartId, version, paymentMethod: "card", idempotencyKey });
const reaches = (orderToken: string, status: OrderStatus) =>
  eventually(async () => expect((await orders.openOrder({ token: orderToken })).order).toMatchObject({ status }));

describe("a cart over gRPC", () => {
  it("becomes the order of a guest, who reads it by its token", async () => {
    const cart = await filled();
    expect(cart).toMatchObject({ problems: [], total: { minor: 2890n }, currency: "EUR" });
    const { order, orderToken = "" } = await checkout(cart);
    expect(order).toMatchObject({ userId: `guest:${order?.id}`, email: "ada@example.com", total: { minor: 2890n } });
    await reaches(orderToken, OrderStatus.CONFIRMED);
    expect((await carts.getCart({ cartId: cart.id })).cart).toMatchObject({ orderId: order?.id });
    await expect(carts.addCartLine({ cartId: cart.id, productId: "P-1", quantity: 1 })).rejects.toMatchObject({
      reason: "CART_ORDERED",
    });
  });

  it("refuses quantities that are none, with the field", async () => {
    const cartId = idOf(await carts.createCart({}));
    for (const quantity of [-5, 0, 1_000, 2 ** 31 - 1])
      await expect(carts.addCartLine({ cartId, productId: "P-101", quantity })).rejects.toMatchObject({
        violations: [{ field: "quantity" }],
      });
    await carts.addCartLine({ cartId, productId: "P-101", quantity: 999 });
    await expect(carts.addCartLine({ cartId, productId: "P-101", quantity: 1 })).rejects.toMatchObject({
      violations: [{ field: "quantity", code: "TOO_LARGE" }],
    });
  });

  it.each(["one key", "fifty keys"])("becomes one order for fifty checkouts at once with %s", async (keys) => {
    const cart = await filled();
    const key = randomUUID();
    const placed = await Promise.all(
      Array.from({ length: 50 }, (_, n) => checkout(cart, keys === "one key" ? key : `${key}-${n}`)),
    );
    expect(new Set(placed.map(({ order }) => order?.id)).size).toBe(1);
    const [first] = placed;
    await reaches(first?.orderToken ?? "", OrderStatus.CONFIRMED);
    const calls = callees.callsOf(first?.order?.id ?? "");
    for (const name of ["ReserveStock", "AuthorisePayment", "CapturePayment"])
      expect(calls.filter((call) => call === name)).toHaveLength(1);
  });

  it("refuses an old price with the present cart in the details, and takes the new version with the same key", async () => {
    const cart = await filled();
    callees.on.QuoteItems = () => ({
      items: [{ productId: "P-101", sku: "P-101", title: "Mug", unitPrice: { currency: "EUR", minor: 1300n } }],
    });
    const key = randomUUID();
    const refused = await checkout(cart, key).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "ABORTED",
      reason: "CART_CHANGED",
      details: [{ type: "shop.orders.v1.Cart" }],
    });
    const { cart: now = cart } = await carts.getCart({ cartId: cart.id });
    expect(now.problems).toMatchObject([
      { kind: CartProblemKind.PRICE_CHANGED, blocking: false, seen: { minor: 1200n }, real: { minor: 1300n } },
    ]);
    expect((await checkout(now, key)).order).toMatchObject({ total: { minor: 3090n } });
  });

  it("comes back when the card is declined, for another payment", async () => {
    const cart = await filled();
    const refusal = { payment: { id: "p-1", status: PaymentStatus.DECLINED, declineCode: "card_declined" } };
    callees.on.AuthorisePayment = () => refusal;
    const declined = await checkout(cart);
    await reaches(declined.orderToken ?? "", OrderStatus.REJECTED);
    delete callees.on.AuthorisePayment;
    const { cart: back = cart } = await carts.getCart({ cartId: cart.id });
    expect(back.orderId).toBeUndefined();
    const second = await checkout(back);
    expect(second.order?.id).not.toBe(declined.order?.id);
    await reaches(second.orderToken ?? "", OrderStatus.CONFIRMED);
  });

  it("of a user opens by the token of the user alone", async () => {
    const mine = idOf(await carts.createCart({}, as("u-1")));
    const notFound = expect.objectContaining({ reason: "CART_NOT_FOUND" });
    await expect(carts.getCart({ cartId: mine })).rejects.toEqual(notFound);
    await expect(carts.getCart({ cartId: mine }, as("u-2"))).rejects.toEqual(notFound);
    await expect(carts.mergeCart({ cartId: mine }, as("u-2"))).rejects.toEqual(notFound);
    expect(idOf(await carts.getCart({ cartId: "mine" }, as("u-1")))).toBe(mine);
    await expect(carts.getCart({ cartId: mine }, { metadata: { authorization: "Bearer none" } })).rejects.toMatchObject(
      { code: "UNAUTHENTICATED" },
    );
  });

  it("of a guest is merged at log-in once, and reports that it was", async () => {
    const cart = await filled();
    const merge = () => carts.mergeCart({ cartId: cart.id }, as("u-merge"));
    const merged = await Promise.all(Array.from({ length: 5 }, merge));
    for (const one of [...merged, await merge()]) expect(one.cart?.lines).toMatchObject([{ quantity: 2 }]);
    await expect(carts.getCart({ cartId: cart.id })).rejects.toMatchObject({ reason: "CART_MERGED" });
  });
});

describe("the order of a guest", () => {
  it("opens by its whole token only, until the links are revoked: every other response is the same", async () => {
    const { order, orderToken = "" } = await checkout(await filled());
    const refusals = [orderToken.slice(1), `${orderToken}A`, orderToken.toLowerCase(), order?.id, order?.number, ""];
    const messages = new Set<string>();
    for (const token of refusals) {
      const error = await orders.openOrder({ token: token ?? "" }).catch((refused: Error) => refused);
      expect(error).toMatchObject({ code: "NOT_FOUND", reason: "ORDER_LINK_INVALID" });
      messages.add((error as Error).message);
    }
    const staff = { metadata: { authorization: `Bearer ${issuer.tokenOf("s-1", ["orders.operate"])}` } };
    await orders.revokeOrderLinks({ orderId: order?.id ?? "" }, staff);
    const revoked = await orders.openOrder({ token: orderToken }).catch((refused: Error) => refused);
    messages.add((revoked as Error).message);
    expect(messages.size).toBe(1);
    const stored = await rowsOf(db, "SELECT data::text FROM events WHERE stream_id = $1", [order?.id]);
    expect(JSON.stringify(stored)).not.toContain(orderToken);
  });

  it("joins the account that proved its mail address, and no other", async () => {
    const email = `${randomUUID()}@example.com`;
    const { order } = await checkout(await filled(email.toUpperCase()));
    const orderId = order?.id ?? "";
    await users.publish(UserRegisteredSchema, "u-registered", email);
    await users.publish(UserEmailVerifiedSchema, "u-other", `x${email}`);
    await users.publish(UserEmailVerifiedSchema, "u-proved", email);
    await eventually(async () => {
      expect((await orders.getOrder({ orderId }, as("u-proved"))).order).toMatchObject({ userId: "u-proved" });
    });
    for (const other of ["u-registered", "u-other"])
      await expect(orders.getOrder({ orderId }, as(other))).rejects.toMatchObject({ reason: "ORDER_NOT_FOUND" });
    const listed = await orders.listOrders({ userId: "u-proved" }, as("u-proved"));
    expect(listed.orders.map(({ id }) => id)).toEqual([orderId]);
  });
});
