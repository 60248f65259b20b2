import { KontorError } from "@kontor/errors";
import { money } from "@kontor/money";
import { describe, expect, it } from "vitest";
import { openMemoryShop } from "../../test/memory-shop.ts";
import { aQuote } from "../domain/fixtures.ts";
import type { PricedCart } from "../domain/priced-cart.ts";

const guest = { userId: undefined };
const ada = { userId: "u-1" };
const reason = (name: string) => ({ reason: name });
const kinds = ({ problems }: Pick<PricedCart, "problems">) => problems.map(({ kind }) => kind);
const quantities = ({ lines }: PricedCart) => Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
const street = { recipient: "Ada", line1: "Weg 1", line2: "", city: "Berlin", postalCode: "10115", region: "" };
const address = { ...street, country: "DE" };
const a = { productId: "P-A", sku: "", quantity: 2 };

function openShop() {
  const shop = openMemoryShop();
  shop.callees.catalog.quote = async (items) =>
    ((await shop.callees.on.quote?.(1)) as undefined) ??
    items.map(({ productId }) => aQuote({ productId, sku: productId }));
  return {
    ...shop,
    /** Creates a cart of a guest that can be checked out. */
    async filled() {
      const cart = await shop.createCart(guest);
      await shop.addToCart(cart, a);
      return shop.updateCart(cart, { shippingAddress: address, email: "Ada@example.com" }, guest);
    },
  };
}

describe("a cart", () => {
  it("is priced at the prices of now in each response, with what is missing for an order", async () => {
    const { createCart, addToCart, updateCart } = openShop();
    const cart = await createCart(guest);
    const added = await addToCart(cart, a);
    expect(added).toMatchObject({
      itemsTotal: money("EUR", 2400n),
      total: money("EUR", 2400n),
      shippingTotal: undefined,
    });
    expect(new Set(kinds(added))).toEqual(new Set(["ADDRESS_INCOMPLETE", "EMAIL_MISSING"]));
    const ready = await updateCart(cart, { shippingAddress: address, email: "ada@example.com" }, guest);
    expect(ready).toMatchObject({ problems: [], total: money("EUR", 2890n) });
    expect(ready.version).not.toBe(added.version);
  });

  it("loses nothing and doubles nothing when it is changed at once", async () => {
    const { createCart, addToCart, priceCart, openCart } = openShop();
    const cart = await createCart(guest);
    const additions = Array.from({ length: 20 }, (_, n) => [`P-${n}`, "P-same"]).flat();
    await Promise.all(additions.map((productId) => addToCart(cart, { productId, sku: "", quantity: 1 })));
    const after = await priceCart(await openCart(cart.id, guest));
    expect(after.lines).toHaveLength(21);
    expect(quantities(after)["P-same"]).toBe(20);
  });

  it("names the seen and the real price of a line that costs something else, until the next change", async () => {
    const { filled, callees, priceCart, changeCart } = openShop();
    const { cart, version } = await filled();
    callees.on.quote = () => [aQuote({ productId: "P-A", sku: "P-A", unitPrice: money("EUR", 1300n) })];
    const read = await priceCart(cart);
    const problem = { kind: "PRICE_CHANGED", sku: "P-A", seen: money("EUR", 1200n), real: money("EUR", 1300n) };
    expect(read.problems).toEqual([problem]);
    expect(read.version).not.toBe(version);
    const changed = await changeCart(cart, (current) => ({ ...current, codes: ["X"] }));
    expect(changed.problems).toEqual([problem]);
    const again = await changeCart(cart, (current) => ({ ...current, codes: [] }));
    expect(again.problems).toEqual([]);
  });

  it("is spoiled in one line only by a variant that is not on sale any more", async () => {
    const { filled, callees, priceCart, addToCart, changeCart } = openShop();
    const { cart } = await filled();
    await addToCart(cart, { productId: "P-B", sku: "", quantity: 1 });
    callees.catalog.quote = async (items) =>
      items.map(({ productId }) =>
        productId === "P-A"
          ? aQuote({ productId, sku: "P-A", problem: "UNKNOWN_PRODUCT" })
          : aQuote({ productId, sku: productId }),
      );
    const { id } = cart;
    const added = await addToCart({ ...cart, lines: [] }, { productId: "P-C", sku: "", quantity: 1 });
    expect(added.problems).toEqual([{ kind: "UNAVAILABLE", sku: "P-A" }]);
    expect(added.itemsTotal).toEqual(money("EUR", 2400n));
    expect(added.lines.find(({ sku }) => sku === "P-A")).toMatchObject({ title: "Mug", quantity: 2 });
    const removed = await changeCart({ id }, (current) => ({ ...current, lines: current.lines.slice(1) }));
    expect(kinds(await priceCart(removed.cart))).toEqual([]);
  });

  it("names lines above the stock, a method that cannot carry it, and lines without a price in its currency", async () => {
    const { filled, callees, priceCart } = openShop();
    const { cart } = await filled();
    callees.on.stock = () => ({ units: new Map([["P-A", 1]]), lowStock: 5 });
    const details = { code: "FAILED_PRECONDITION", domain: "shipping.shop", message: "Too heavy." } as const;
    callees.on.rate = () => Promise.reject(new KontorError({ ...details, reason: "PARCEL_TOO_HEAVY" }));
    expect((await priceCart(cart)).problems).toEqual([
      { kind: "ABOVE_STOCK", sku: "P-A", wanted: 2, available: 1 },
      { kind: "METHOD_NOT_ELIGIBLE", reason: "PARCEL_TOO_HEAVY", detail: "Too heavy." },
    ]);
    const inYen = await priceCart({ ...cart, currency: "JPY" });
    expect(inYen).toMatchObject({ itemsTotal: money("JPY", 0n) });
    expect(kinds(inYen)).toContain("NO_PRICE");
  });

  it("is one for a user, for any number of first uses, and belongs to no other user", async () => {
    const { openCart, findCart } = openShop();
    const opened = await Promise.all(Array.from({ length: 20 }, () => openCart("mine", ada)));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    const id = opened[0]?.id ?? "";
    for (const other of [guest, { userId: "u-2" }])
      await expect(findCart(id, other)).rejects.toMatchObject(reason("CART_NOT_FOUND"));
    for (const wrong of ["mine", "", "x", `${id}x`, "../orders"])
      await expect(findCart(wrong, guest)).rejects.toMatchObject(reason("CART_NOT_FOUND"));
    expect(id).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });
});

describe("merging a guest's cart at log-in", () => {
  it("adds it once, whatever is repeated, and the guest's cart takes no more lines", async () => {
    const { createCart, addToCart, mergeCart, priceCart, findCart } = openShop();
    const cart = await createCart(guest);
    await addToCart(cart, a);
    const merged = await Promise.all(Array.from({ length: 5 }, () => mergeCart(cart.id, "u-1")));
    merged.push(await mergeCart(cart.id, "u-1"));
    for (const one of merged) expect(quantities(one)).toEqual({ "P-A": 2 });
    await expect(addToCart(cart, a)).rejects.toMatchObject(reason("CART_MERGED"));
    const old = await findCart(cart.id, guest);
    expect(old).toMatchObject({ mergedInto: merged[0]?.cart.id });
    expect(quantities(await priceCart(merged[0]?.cart ?? cart))).toEqual({ "P-A": 2 });
  });

  it("neither reads, moves nor merges the cart of another user", async () => {
    const { createCart, openCart, addToCart, mergeCart, findCart } = openShop();
    const guests = await createCart(guest);
    await mergeCart(guests.id, "u-1");
    await expect(mergeCart(guests.id, "u-2")).rejects.toMatchObject(reason("CART_NOT_FOUND"));
    const mine = await openCart("mine", ada);
    await addToCart(mine, a);
    const before = await findCart(mine.id, ada);
    await expect(mergeCart(mine.id, "u-2")).rejects.toMatchObject(reason("CART_NOT_FOUND"));
    expect(await findCart(mine.id, ada)).toEqual(before);
  });
});

describe("checking out a cart", () => {
  it("places its order at the version that was seen, with what the shopper chose", async () => {
    const { filled, checkout, orders, links } = openShop();
    const { cart, version } = await filled();
    const { order, token = "" } = await checkout(cart.id, version);
    expect(order).toMatchObject({
      userId: `guest:${order.orderId}`,
      total: money("EUR", 2890n),
      address: { id: "cart", ...address },
    });
    expect(order).toMatchObject({ email: "Ada@example.com", locale: "de", shippingMethod: "standard" });
    expect(order.charges?.lines).toMatchObject([{ gross: 2400n }]);
    expect(await orders.find(order.orderId)).toEqual(order);
    expect(await links.orderOf(token)).toBe(order.orderId);
  });

  it.each(["one key", "fifty keys"])("places one order for fifty checkouts at once with %s", async (keys) => {
    const { filled, checkout, orders, engine, callees } = openShop();
    const { cart, version } = await filled();
    const key = (n: number) => (keys === "one key" ? "k" : `k-${n}`);
    const placed = await Promise.all(Array.from({ length: 50 }, (_, n) => checkout(cart.id, version, key(n))));
    expect(new Set(placed.map(({ order }) => order.orderId)).size).toBe(1);
    expect(new Set(placed.map(({ token }) => token)).size).toBe(1);
    expect(orders.published()).toHaveLength(1);
    await engine.run();
    expect(callees.calls.filter((call) => call === "authorise")).toHaveLength(1);
    expect(callees.calls.filter((call) => call === "reserve")).toHaveLength(1);
  });

  it("refuses another version or price with the present cart, and leaves the key free", async () => {
    const { filled, checkout, callees, priceCart } = openShop();
    const { cart, version } = await filled();
    callees.on.quote = () => [aQuote({ productId: "P-A", sku: "P-A", unitPrice: money("EUR", 1300n) })];
    const refused = checkout(cart.id, version);
    await expect(refused).rejects.toMatchObject({ reason: "CART_CHANGED", metadata: { total: "3090" } });
    await expect(refused).rejects.toMatchObject({ details: [{ type: "shop.orders.v1.Cart" }] });
    const { version: next } = await priceCart(cart);
    expect((await checkout(cart.id, next)).order.total).toEqual(money("EUR", 3090n));
  });

  it("refuses a cart with a problem, and names it", async () => {
    const { filled, checkout, callees, createCart, priceCart } = openShop();
    const { cart, version } = await filled();
    callees.on.stock = () => ({ units: new Map([["P-A", 0]]), lowStock: 5 });
    await expect(checkout(cart.id, version)).rejects.toMatchObject({
      ...{ reason: "CART_NOT_READY", metadata: { problems: "ABOVE_STOCK" } },
    });
    const empty = await createCart(guest);
    const { version: first } = await priceCart(empty);
    await expect(checkout(empty.id, first)).rejects.toMatchObject(reason("CART_NOT_READY"));
  });

  it("charges no line unseen and loses none that is added meanwhile", async () => {
    const { filled, checkout, callees, addToCart, priceCart, openCart } = openShop();
    const { cart, version } = await filled();
    callees.on.price = async (nth) => {
      if (nth === 3) await addToCart(cart, { productId: "P-B", sku: "", quantity: 1 });
      return undefined;
    };
    await expect(checkout(cart.id, version)).rejects.toMatchObject(reason("CART_CHANGED"));
    expect(quantities(await priceCart(await openCart(cart.id, guest)))).toEqual({ "P-A": 2, "P-B": 1 });
  });

  it("gives the cart back when the order is rejected, for one more order", async () => {
    const { filled, checkout, callees, engine, orders, openCart, priceCart } = openShop();
    const { cart, version } = await filled();
    callees.on.authorise = (nth) => (nth === 1 ? { status: "declined", code: "card_declined" } : undefined);
    const first = await checkout(cart.id, version);
    await expect(openCart(cart.id, guest)).resolves.toMatchObject({ orderId: first.order.orderId });
    await engine.run();
    expect(await orders.find(first.order.orderId)).toMatchObject({ stage: "rejected", reason: "PAYMENT_DECLINED" });
    expect((await checkout(cart.id, version)).order.orderId).toBe(first.order.orderId);
    await expect(checkout(cart.id, version, "k-2")).rejects.toMatchObject(reason("CART_CHANGED"));
    const back = await priceCart(await openCart(cart.id, guest));
    expect(back).toMatchObject({ total: first.order.total, problems: [] });
    const second = await checkout(cart.id, back.version, "k-3");
    expect(second.order.orderId).not.toBe(first.order.orderId);
    await engine.run();
    expect(await orders.find(second.order.orderId)).toMatchObject({ stage: "confirmed" });
  });
});

describe("the uses of promotions", () => {
  const uses = [{ promotionId: "ten", code: "TEN" }];
  async function ordered() {
    const shop = openShop();
    const { pricing } = shop.callees;
    shop.callees.pricing.price = async (request) => {
      const priced = await openMemoryShop().callees.pricing.price(request);
      return { ...priced, charges: { ...priced.charges, uses } };
    };
    const { cart, version } = await shop.filled();
    return { ...shop, pricing, order: (await shop.checkout(cart.id, version)).order };
  }

  it("are held before stock and money, and kept by an order that is fulfilled", async () => {
    const { engine, callees } = await ordered();
    await engine.run();
    expect(callees.calls).toEqual(["hold uses", "reserve", "authorise", "commit", "capture", "dispatch"]);
  });

  it("that are used up reject the order before anything is reserved or charged", async () => {
    const { engine, callees, orders, order } = await ordered();
    callees.on["hold uses"] = () => ({ status: "used up" });
    await engine.run();
    expect(callees.calls).toEqual(["hold uses", "release uses"]);
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "rejected", reason: "PROMOTION_USED_UP" });
  });

  it("are given back by a declined payment, and by a cancellation", async () => {
    const declined = await ordered();
    declined.callees.on.authorise = () => ({ status: "declined", code: "card_declined" });
    await declined.engine.run();
    expect(declined.callees.calls.slice(-3)).toEqual(["void", "release", "release uses"]);
    const cancelled = await ordered();
    await cancelled.engine.run();
    await cancelled.cancel(cancelled.order, "s-1");
    await cancelled.engine.run();
    expect(cancelled.callees.calls.slice(-4)).toEqual(["recall", "refund", "take back", "release uses"]);
  });
});

describe("an order that costs nothing", () => {
  it("is fulfilled and cancelled without a payment", async () => {
    const { filled, checkout, callees, engine, orders, cancel } = openShop();
    callees.on.rate = () => money("EUR", 0n);
    callees.on.quote = () => [aQuote({ productId: "P-A", sku: "P-A", unitPrice: money("EUR", 0n) })];
    const { cart, version } = await filled();
    const { order } = await checkout(cart.id, version);
    await engine.run();
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "confirmed" });
    await cancel(order, "s-1");
    await engine.run();
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "cancelled" });
    expect(callees.calls).toEqual(["reserve", "commit", "dispatch", "recall", "take back"]);
  });
});
