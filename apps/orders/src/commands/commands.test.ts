import { KontorError } from "@kontor/errors";
import { money } from "@kontor/money";
import { describe, expect, it } from "vitest";
import { openMemoryShop } from "../../test/memory-shop.ts";
import { orderErrors } from "../domain/errors.ts";
import { aQuote } from "../domain/fixtures.ts";

const reason = (name: string) => ({ reason: name });
const away = new KontorError({ code: "UNAVAILABLE", reason: "AWAY", domain: "test", message: "It is away." });
const refused = new KontorError({ code: "FAILED_PRECONDITION", reason: "NO", domain: "test", message: "No." });

describe("placing an order", () => {
  it("stores the order at the shop's prices, and begins its checkout", async () => {
    const { place, orders, engine } = openMemoryShop();
    const { order, replayed } = await place();
    expect(replayed).toBe(false);
    expect(order).toMatchObject({ stage: "placed", total: money("EUR", 2890n), shippingTotal: money("EUR", 490n) });
    expect(await orders.find(order.orderId)).toEqual(order);
    expect(engine.phaseOf("orders.checkout.v1", order.orderId)).toBe("running");
  });

  it("places one order per key, also when requests come at once", async () => {
    const { place, callees } = openMemoryShop();
    const [first, again] = await Promise.all([place(), place()]);
    callees.on.quote = () => [aQuote({ unitPrice: money("EUR", 1n) })];
    const later = await place();
    expect(new Set([first, again, later].map(({ order }) => order.orderId)).size).toBe(1);
    expect([first.replayed, again.replayed, later.replayed]).toEqual([false, true, true]);
    await expect(place("k-1", { paymentMethod: "other" })).rejects.toMatchObject(reason("IDEMPOTENCY_KEY_REUSED"));
  });

  it.each<[string, string, unknown]>([
    ["PRICE_CHANGED", "quote", [aQuote({ unitPrice: money("EUR", 1300n) })]],
    ["INVALID_REQUEST", "quote", [aQuote({ problem: "UNKNOWN_PRODUCT" })]],
    ["OUT_OF_STOCK", "stock", { units: new Map([["P-101", 1]]), lowStock: 5 }],
  ])("is refused with %s, and refused again after any change", async (name, callee, result) => {
    const { place, callees, orders } = openMemoryShop();
    callees.on[callee] = (nth) => (nth === 1 ? result : undefined);
    await expect(place()).rejects.toMatchObject(reason(name));
    await expect(place()).rejects.toMatchObject(reason(name));
    expect(orders.published()).toEqual([]);
    expect(await place("k-2")).toMatchObject({ replayed: false });
  });

  it("leaves the key free when a callee is away, and while the shop is overloaded", async () => {
    const { place, callees, admission } = openMemoryShop();
    callees.on.rate = (nth) => (nth === 1 ? Promise.reject(away) : undefined);
    await expect(place()).rejects.toMatchObject(reason("AWAY"));
    const { admit } = admission;
    admission.admit = () => Promise.reject(orderErrors.OVERLOADED({ retryAfterMs: 2_000 }));
    await expect(place()).rejects.toMatchObject({ reason: "OVERLOADED", retryAfterMs: 2_000 });
    admission.admit = admit;
    expect(await place()).toMatchObject({ replayed: false });
  });

  it("draws another number when one is in use, and fails after some attempts", async () => {
    const { place, numbers } = openMemoryShop();
    numbers.push(7, 7, 7, 8);
    const placed = [await place(), await place("k-2")];
    expect(placed.map(({ order }) => order.number)).toEqual(["K-0000-0007", "K-0000-0008"]);
    numbers.push(7, 7, 7, 7, 7);
    await expect(place("k-3")).rejects.toMatchObject(reason("ORDER_NUMBER_TAKEN"));
  });

  it("is refused with a payment method that the shop does not accept, and without the address", async () => {
    const { place, callees } = openMemoryShop();
    await expect(place("k-1", { paymentMethod: "cash" })).rejects.toMatchObject({
      violations: [{ field: "paymentMethod", code: "NOT_IN" }],
    });
    callees.users.resolveAddress = async () => undefined;
    await expect(place()).rejects.toMatchObject({ violations: [{ field: "shippingAddressId", code: "NOT_FOUND" }] });
  });
});

describe("cancelling an order", () => {
  it("aborts its checkout before the pivot: nothing is charged", async () => {
    const { place, cancel, engine, callees, orders, events } = openMemoryShop();
    callees.on.reserve = () => Promise.reject(away);
    const { order } = await place();
    await engine.run();
    expect(await cancel(order)).toMatchObject({ cancelling: true });
    await engine.run();
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "cancelled", reason: "CANCELLED_BY_CUSTOMER" });
    expect(callees.calls).toEqual(["reserve", "release"]);
    expect(await events(order.orderId)).toEqual(["cancellation-requested", "cancelled"]);
    expect(await cancel(order)).toMatchObject({ stage: "cancelled" });
    expect(engine.phaseOf("orders.checkout.v1", order.orderId)).toBe("compensated");
  });

  it("undoes a confirmed order by a cancellation, once however often it is requested", async () => {
    const { place, cancel, engine, callees, orders } = openMemoryShop();
    const { order } = await place();
    await engine.run();
    callees.calls.length = 0;
    await cancel(order, "s-1");
    await cancel(order, "s-1");
    await engine.run();
    expect(callees.calls).toEqual(["recall", "refund", "take back"]);
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "cancelled", reason: "CANCELLED_BY_SHOP" });
  });

  it("is refused once the order is shipped", async () => {
    const { place, cancel, engine, orders, memory } = openMemoryShop();
    const { order } = await place();
    await engine.run();
    const at = order.placedAt;
    await memory.transaction((tx) => orders.change(tx, order.orderId, () => [{ type: "shipped", at }]));
    await expect(cancel(order)).rejects.toMatchObject(reason("ORDER_NOT_CANCELLABLE"));
  });
});

describe("ending a checkout", () => {
  async function withParkedCheckout() {
    const shop = openMemoryShop();
    shop.callees.on.capture = () => Promise.reject(refused);
    const { order } = await shop.place();
    await shop.engine.run();
    return { ...shop, order };
  }

  it("that is parked begins a cancellation", async () => {
    const { order, sagas, endCheckout, engine, callees, orders } = await withParkedCheckout();
    expect(await sagas.parked()).toMatchObject([{ id: order.orderId, step: "capture-payment" }]);
    callees.calls.length = 0;
    expect(await endCheckout(order.orderId)).toMatchObject({ cancelling: true });
    await engine.run();
    expect(callees.calls).toEqual(["recall", "refund", "take back"]);
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "cancelled", reason: "CANCELLED_BY_SHOP" });
    await expect(endCheckout(order.orderId)).rejects.toMatchObject(reason("SAGA_NOT_PARKED"));
  });

  it("continues the cancellation that waits for it, on behalf of its requester", async () => {
    const { order, cancel, endCheckout, engine, orders, events } = await withParkedCheckout();
    await cancel(order);
    await engine.run(60_000);
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "placed", cancelling: true });
    await endCheckout(order.orderId);
    await engine.run();
    expect(await orders.find(order.orderId)).toMatchObject({ stage: "cancelled", reason: "CANCELLED_BY_CUSTOMER" });
    expect((await events(order.orderId)).filter((type) => type === "cancellation-requested")).toHaveLength(1);
  });
});
