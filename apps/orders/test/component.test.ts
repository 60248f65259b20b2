import { randomUUID } from "node:crypto";
import { KontorError } from "@kontor/errors";
import { event } from "@kontor/messaging";
import { createClient } from "@kontor/rpc";
import { OrderStatus } from "@kontor/shop/contracts/orders/v1/order";
import { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import { PaymentAuthorisedSchema } from "@kontor/shop/contracts/payments/v1/events";
import { PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { ShipmentDeliveredSchema, ShipmentPickedUpSchema } from "@kontor/shop/contracts/shipping/v1/events";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { startOrders } from "./started-orders.ts";

const started = await startOrders();
const { at, callees, db, issuer } = started;
const client = createClient(OrdersService, at);
const as = (user: string, ...scopes: readonly string[]) => ({
  metadata: { authorization: `Bearer ${issuer.tokenOf(user, scopes)}` },
});
const shopper = as("u-1", "orders.read", "orders.write");
const publishers = {
  payments: { publish: await started.startPublisher("payments") },
  shipping: { publish: await started.startPublisher("shipping") },
};

afterAll(async () => {
  client[Symbol.dispose]();
  await started.stop();
});
beforeEach(() => {
  for (const name of Object.keys(callees.on)) delete callees.on[name];
});

async function place(
  overrides: { readonly idempotencyKey?: string } = {},
  options: { readonly timeoutMs?: number } = {},
): Promise<{ readonly orderId: string }> {
  const { order } = await client.placeOrder(
    {
      ...{
        idempotencyKey: randomUUID(),
        shippingAddressId: "ADDR-55",
        shippingMethod: "standard",
        paymentMethod: "card",
      },
      items: [{ productId: "P-101", quantity: 2, price: 1200n }],
      ...overrides,
    },
    { ...shopper, ...options },
  );
  if (order === undefined) throw new Error("No order was placed.");
  return { orderId: order.id };
}
const get = async (orderId: string) => (await client.getOrder({ orderId }, shopper)).order;
const reaches = (orderId: string, status: OrderStatus) =>
  eventually(async () => expect(await get(orderId)).toMatchObject({ status }));
const published = async (orderId: string) =>
  (await rowsOf<{ type: string }>(db, "SELECT type FROM outbox WHERE key = $1 ORDER BY seq", [orderId])).map(
    ({ type }) => type.split(".").at(-1),
  );
const error = (code: "UNAVAILABLE" | "FAILED_PRECONDITION", reason: string) =>
  new KontorError({ code, reason, domain: "test", message: "Scripted." });

describe("orders, with scripted servers instead of the services that it calls", () => {
  it("fulfil an order by five calls after the four that price it", async () => {
    const { orderId } = await place();
    await reaches(orderId, OrderStatus.CONFIRMED);
    await eventually(async () => expect(await get(orderId)).toMatchObject({ trackingNumber: "TRACK-7" }));
    const calls = ["ReserveStock", "AuthorisePayment", "CommitReservation", "CapturePayment", "DispatchShipment"];
    expect(callees.callsOf(orderId)).toEqual(calls);
    expect(await published(orderId)).toEqual(["OrderPlaced", "OrderConfirmed"]);
  });

  it("place one order per key", async () => {
    const idempotencyKey = randomUUID();
    const placed = await Promise.all([place({ idempotencyKey }), place({ idempotencyKey })]);
    expect(new Set(placed.map(({ orderId }) => orderId)).size).toBe(1);
  });

  it("reject an order whose payment is declined, after undoing the begun steps", async () => {
    callees.on.AuthorisePayment = () => ({
      payment: { id: "p-1", status: PaymentStatus.DECLINED, declineCode: "insufficient_funds" },
    });
    const { orderId } = await place();
    await reaches(orderId, OrderStatus.REJECTED);
    const undone = ["ReserveStock", "AuthorisePayment", "VoidPayment", "ReleaseReservation"];
    expect(callees.callsOf(orderId)).toEqual(undone);
    expect(await published(orderId)).toEqual(["OrderPlaced", "OrderRejected"]);
  });

  it("continue a checkout when the event of its payment arrives", async () => {
    let decided = false;
    callees.on.AuthorisePayment = () =>
      decided ? undefined : { payment: { id: "p-1", status: PaymentStatus.REQUIRES_ACTION } };
    const { orderId } = await place();
    await eventually(() => expect(callees.callsOf(orderId)).toContain("AuthorisePayment"));
    decided = true;
    await publishers.payments.publish(event(PaymentAuthorisedSchema, { payment: { orderId } }, { key: orderId }));
    await reaches(orderId, OrderStatus.CONFIRMED);
    expect(callees.callsOf(orderId).filter((name) => name === "AuthorisePayment")).toHaveLength(2);
  });

  it("repeat a call whose outcome is unknown, before and after the pivot", async () => {
    const calls = { ReserveStock: 0, CapturePayment: 0 };
    for (const name of ["ReserveStock", "CapturePayment"] as const)
      callees.on[name] = () => {
        calls[name] += 1;
        return calls[name] === 1 ? Promise.reject(error("UNAVAILABLE", "AWAY")) : undefined;
      };
    const { orderId } = await place();
    await reaches(orderId, OrderStatus.CONFIRMED);
    expect(calls.ReserveStock).toBeGreaterThan(1);
    expect(calls.CapturePayment).toBeGreaterThan(1);
    expect(callees.callsOf(orderId)).not.toContain("ReleaseReservation");
  });

  it("complete an order by the events of its parcel", async () => {
    const { orderId } = await place();
    await reaches(orderId, OrderStatus.CONFIRMED);
    const shipment = { orderId, trackingNumber: "TRACK-7" };
    await publishers.shipping.publish(
      event(ShipmentPickedUpSchema, { shipment }, { key: orderId }),
      event(ShipmentDeliveredSchema, { shipment }, { key: orderId }),
    );
    await reaches(orderId, OrderStatus.COMPLETED);
    await expect(client.cancelOrder({ orderId, reason: "" }, shopper)).rejects.toMatchObject({
      reason: "ORDER_NOT_CANCELLABLE",
    });
  });

  it("undo a confirmed order that is cancelled", async () => {
    const { orderId } = await place();
    await reaches(orderId, OrderStatus.CONFIRMED);
    await eventually(() => expect(callees.callsOf(orderId)).toHaveLength(5));
    await client.cancelOrder({ orderId, reason: "I changed my mind." }, shopper);
    await reaches(orderId, OrderStatus.CANCELLED);
    expect(callees.callsOf(orderId).slice(5)).toEqual(["CancelShipment", "RefundOrder", "ReturnStock"]);
  });

  it("keep an order that the carrier has already, with an entry in its history", async () => {
    callees.on.CancelShipment = () => Promise.reject(error("FAILED_PRECONDITION", "SHIPMENT_PICKED_UP"));
    const { orderId } = await place();
    await reaches(orderId, OrderStatus.CONFIRMED);
    await client.cancelOrder({ orderId, reason: "" }, shopper);
    const history = async () => (await client.listOrderHistory({ orderId }, shopper)).entries.map(({ type }) => type);
    await eventually(async () => expect((await history()).at(-1)).toBe("cancellation-refused"));
    expect(await get(orderId)).toMatchObject({ status: OrderStatus.CONFIRMED });
  });

  it("place no order before a callee is back that prices it, and show others' orders to no one", async () => {
    callees.on.QuoteItems = () => Promise.reject(error("UNAVAILABLE", "AWAY"));
    const idempotencyKey = randomUUID();
    const code = expect.stringMatching(/^(UNAVAILABLE|DEADLINE_EXCEEDED)$/);
    await expect(place({ idempotencyKey }, { timeoutMs: 1_000 })).rejects.toMatchObject({ code });
    delete callees.on.QuoteItems;
    const { orderId } = await place({ idempotencyKey });
    const other = as("u-2", "orders.read");
    await expect(client.getOrder({ orderId }, other)).rejects.toMatchObject({ reason: "ORDER_NOT_FOUND" });
  });

  it("park a checkout that is refused past the pivot, for staff to end", async () => {
    callees.on.CapturePayment = () => Promise.reject(error("FAILED_PRECONDITION", "PROVIDER_REFUSED"));
    const { orderId } = await place();
    const operator = as("s-1", "orders.operate", "orders.read.any");
    await eventually(async () => {
      const { sagas } = await client.listParkedSagas({}, operator);
      expect(sagas.map(({ sagaId }) => sagaId)).toContain(orderId);
    });
    await client.endSaga({ name: "orders.checkout.v1", sagaId: orderId, reason: "It expired." }, operator);
    await reaches(orderId, OrderStatus.CANCELLED);
  });
});
