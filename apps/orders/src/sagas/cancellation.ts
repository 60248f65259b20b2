import { defineSaga, fail, next, wait } from "@kontor/saga";
import type { Order } from "../domain/order.ts";
import type { Inventory, Orders, Payments, Shipping } from "../ports.ts";
import { CANCELLED_BY_CUSTOMER } from "./checkout.ts";

export const CANCELLATION = "orders.cancellation.v1";

export type CancellationState = { readonly orderId: string };

export type CancellationServices = {
  readonly orders: Pick<Orders, "find">;
  readonly inventory: Inventory;
  readonly payments: Payments;
  readonly shipping: Shipping;
};

/** An order may be cancelled again after a refusal, so the id of its cancellation carries the version that asked. */
export function cancellationId(order: Order): string {
  return `${order.orderId}.${order.version}`;
}

/** Undoes an order whose checkout is past the point of no return, unless the carrier is quicker. */
export function defineCancellation({ orders, now }: { orders: Pick<Orders, "change">; now: () => Date }) {
  return defineSaga<CancellationState, CancellationServices>({
    name: CANCELLATION, // Durable: a new name abandons the sagas in flight.
    pivot: "refund-payment",
    steps: [
      {
        name: "await-checkout",
        run: async ({ orderId }, to) => {
          const order = await to.orders.find(orderId);
          return order?.stage === "placed" ? wait({ until: 500, reason: "CHECKOUT_IN_FLIGHT" }) : next();
        },
      },
      {
        name: "recall-parcel",
        timeoutMs: 10_000,
        maxAttempts: Number.MAX_SAFE_INTEGER, // Whether the parcel was recalled must be known before money moves.
        run: async ({ orderId }, { shipping }) =>
          (await shipping.recall(orderId)) === "gone"
            ? fail("SHIPMENT_PICKED_UP", "The carrier already has the parcel.")
            : next(),
      },
      {
        name: "refund-payment", // The pivot: the parcel stays here, so the money goes back.
        timeoutMs: 10_000,
        run: ({ orderId }, { payments }) => payments.refund(orderId, "The order was cancelled."),
      },
      { name: "return-stock", run: ({ orderId }, { inventory }) => inventory.takeBack(orderId) },
    ],
    onCompleted: (tx, { orderId }) =>
      orders.change(tx, orderId, () => [
        {
          type: "cancelled",
          reason: CANCELLED_BY_CUSTOMER,
          detail: "Cancelled; the payment was refunded.",
          at: now(),
        },
      ]),
    onCompensated: (tx, { orderId }, { message }) =>
      orders.change(tx, orderId, () => [{ type: "cancellation-refused", detail: message, at: now() }]),
  });
}
