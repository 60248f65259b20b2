import { KontorError } from "@kontor/errors";
import { describe, expect, it } from "vitest";
import { openMemoryShop } from "../../test/memory-shop.ts";

const away = new KontorError({ code: "UNAVAILABLE", reason: "AWAY", domain: "test", message: "It is away." });
const soldOut = new KontorError({
  code: "FAILED_PRECONDITION",
  reason: "OUT_OF_STOCK",
  domain: "test",
  message: "Gone.",
});
const CHECKOUT = "orders.checkout.v1";

async function withOrder(prepare: (shop: ReturnType<typeof openMemoryShop>) => void = () => undefined) {
  const shop = openMemoryShop();
  prepare(shop);
  const { order } = await shop.place();
  const wake = () => shop.memory.transaction((tx) => shop.sagas.wakeCheckout(tx, order.orderId));
  const current = async () => shop.orders.find(order.orderId);
  return { ...shop, order, wake, current, phase: () => shop.engine.phaseOf(CHECKOUT, order.orderId) };
}

describe("the checkout of an order", () => {
  it("reserves, authorises, commits, captures and dispatches, and records each", async () => {
    const { engine, callees, order, events, current, orders } = await withOrder();
    await engine.run();
    expect(callees.calls).toEqual(["reserve", "authorise", "commit", "capture", "dispatch"]);
    expect(await events(order.orderId)).toEqual([
      ...["stock-reserved", "payment-authorised", "stock-committed", "confirmed", "dispatched"],
    ]);
    expect(await current()).toMatchObject({ stage: "confirmed", trackingNumber: "TRACK-7" });
    expect(orders.published().map(({ type }) => type.split(".").at(-1))).toEqual(["OrderPlaced", "OrderConfirmed"]);
  });

  it.each<[string, string, unknown, string[], string]>([
    ["nothing is reserved", "reserve", soldOut, ["reserve", "release"], "OUT_OF_STOCK"],
    [
      "the payment is declined",
      "authorise",
      { status: "declined", code: "insufficient_funds" },
      ["reserve", "authorise", "void", "release"],
      "PAYMENT_DECLINED",
    ],
    [
      "the reservation has expired",
      "commit",
      "closed",
      ["reserve", "authorise", "commit", "void", "release"],
      "RESERVATION_EXPIRED",
    ],
  ])("undoes the begun steps when %s", async (_, callee, result, calls, reason) => {
    const { engine, callees, current, phase } = await withOrder(({ callees: { on } }) => {
      on[callee] = () => (result instanceof Error ? Promise.reject(result) : result);
    });
    await engine.run();
    expect(callees.calls).toEqual(calls);
    expect(phase()).toBe("compensated");
    expect(await current()).toMatchObject({ stage: "rejected", reason });
  });

  it("repeats a step whose callee is away, before and after the pivot", async () => {
    const { engine, callees, current } = await withOrder(({ callees: { on } }) => {
      for (const name of ["reserve", "capture"]) on[name] = (nth) => (nth < 3 ? Promise.reject(away) : undefined);
    });
    await engine.run(10_000);
    const repeated = [
      "reserve",
      "reserve",
      "reserve",
      "authorise",
      "commit",
      "capture",
      "capture",
      "capture",
      "dispatch",
    ];
    expect(callees.calls).toEqual(repeated);
    expect(await current()).toMatchObject({ stage: "confirmed" });
  });

  it("waits for the shopper, and continues at once when the payment is decided", async () => {
    const { engine, callees, current, wake } = await withOrder(({ callees: { on } }) => {
      on.authorise = (nth) => (nth === 1 ? { status: "action-required" } : undefined);
    });
    await engine.run(60_000);
    expect(callees.calls).toEqual(["reserve", "authorise"]);
    await wake();
    await engine.run();
    expect(await current()).toMatchObject({ stage: "confirmed" });
  });

  it("rejects the order when nothing is decided by its deadline", async () => {
    const { engine, callees, current } = await withOrder(({ callees: { on } }) => {
      on.authorise = () => ({ status: "action-required" });
    });
    await engine.run(600_000);
    expect(callees.calls).toEqual(["reserve", "authorise", "void", "release"]);
    expect(await current()).toMatchObject({ stage: "rejected", reason: "CHECKOUT_TIMED_OUT" });
  });

  it("parks when a step past the pivot is refused, and continues when it is resumed", async () => {
    const { engine, callees, sagas, order, current, phase } = await withOrder(({ callees: { on } }) => {
      on.dispatch = (nth) => (nth === 1 ? Promise.reject(soldOut) : undefined);
    });
    await engine.run();
    expect(phase()).toBe("parked");
    expect(callees.calls).not.toContain("release");
    expect(await sagas.resume(CHECKOUT, order.orderId)).toBe(true);
    await engine.run();
    expect(phase()).toBe("completed");
    expect(await current()).toMatchObject({ trackingNumber: "TRACK-7" });
  });

  it("is aborted between any two steps before the pivot, and undoes exactly the begun steps", async () => {
    for (const step of ["reserve", "authorise"]) {
      const { engine, callees, current, memory, sagas, order } = await withOrder(({ callees: { on } }) => {
        on[step] = async () => void (await abort());
      });
      const abort = () => memory.transaction((tx) => sagas.abortCheckout(tx, order.orderId, "CANCELLED_BY_CUSTOMER"));
      await engine.run();
      expect(callees.calls).toEqual(
        step === "reserve" ? ["reserve", "release"] : ["reserve", "authorise", "void", "release"],
      );
      expect(await current()).toMatchObject({ stage: "cancelled", reason: "CANCELLED_BY_CUSTOMER" });
    }
  });
});

describe("the cancellation of an order", () => {
  async function cancelled(prepare?: Parameters<typeof withOrder>[0]) {
    const shop = await withOrder(prepare);
    await shop.engine.run();
    shop.callees.calls.length = 0;
    await shop.cancel(shop.order);
    return shop;
  }

  it("recalls the parcel, refunds the payment and takes the stock back", async () => {
    const { engine, callees, current } = await cancelled();
    await engine.run();
    expect(callees.calls).toEqual(["recall", "refund", "take back"]);
    expect(await current()).toMatchObject({ stage: "cancelled", cancelling: false });
  });

  it("is refused when the carrier has the parcel, and can be requested again", async () => {
    const { engine, callees, current, cancel, order } = await cancelled(({ callees: { on } }) => {
      on.recall = (nth) => (nth === 1 ? "gone" : undefined);
    });
    await engine.run();
    expect(callees.calls).toEqual(["recall"]);
    expect(await current()).toMatchObject({ stage: "confirmed", cancelling: false });
    await cancel(order);
    await engine.run();
    expect(await current()).toMatchObject({ stage: "cancelled" });
  });

  it("repeats the refund while a refund by staff is in progress", async () => {
    const { engine, callees, current } = await cancelled(({ callees: { on } }) => {
      on.refund = (nth) => (nth < 3 ? "partly" : undefined);
    });
    await engine.run(4_000);
    expect(callees.calls).toEqual(["recall", "refund", "refund", "refund", "take back"]);
    expect(await current()).toMatchObject({ stage: "cancelled" });
  });

  it("goes forward past the refund, however long the stock is away", async () => {
    const { engine, current } = await cancelled(({ callees: { on } }) => {
      on["take back"] = (nth) => (nth < 5 ? Promise.reject(away) : undefined);
    });
    await engine.run(10_000);
    expect(await current()).toMatchObject({ stage: "cancelled" });
  });
});
