import type { Tx } from "@kontor/postgres";
import { defineSaga, fail, next, type SagaDefinition, type SagaFailure, wait } from "@kontor/saga";
import { declineDetail, endDetails, endOf } from "../domain/end-reason.ts";
import type { Order, OrderEvent } from "../domain/order.ts";
import { dispatch } from "../domain/track.ts";
import type { Inventory, Orders, Parcel, Payments, Shipping } from "../ports.ts";

export const CHECKOUT = "orders.checkout.v1";
export const AUTHORISE_PAYMENT = "authorise-payment";

/** What the checkout must remember. Amounts are decimal strings: it is stored as JSON. */
export type CheckoutState = {
  readonly parcel: Parcel;
  readonly amount: { readonly currency: string; readonly minor: string };
  readonly paymentMethod: string;
  readonly paymentId?: string;
  readonly trackingNumber?: string;
};

export type CheckoutServices = {
  readonly inventory: Inventory;
  readonly payments: Payments;
  readonly shipping: Shipping;
};

/** The state that a new order's checkout begins with. */
export function checkoutOf(order: Order): CheckoutState {
  const { orderId, userId, address, weightGrams, total, paymentMethod } = order;
  const items = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    parcel: { orderId, userId, method: order.shippingMethod, address, items, weightGrams },
    amount: { currency: total.currency, minor: total.minor.toString() },
    paymentMethod,
  };
}

/**
 * Fulfils an order, or undoes it. Its newest version is the second; the first, which stored each step by itself, finishes what began
 * with it. It gives up before the reservation expires, which ends before the authorisation does:
 * `deadlineMs` must stay below the reservation's life in inventory.
 */
export function defineCheckouts({
  orders,
  now,
  deadlineMs,
}: {
  orders: Pick<Orders, "change">;
  now: () => Date;
  deadlineMs: number;
}) {
  const record = (tx: Tx, state: CheckoutState, event: (at: Date) => OrderEvent) =>
    orders.change(tx, state.parcel.orderId, () => [event(now())]);

  const definition: SagaDefinition<CheckoutState, CheckoutServices> = {
    name: CHECKOUT,
    version: 2, // Changed steps or state get a new one: docs/guides/saga-versions.md.
    deadlineMs,
    pivot: "commit-stock",
    steps: [
      {
        name: "reserve-stock",
        storedWithNext: true,
        run: ({ parcel }, { inventory }) => inventory.reserve(parcel.orderId, parcel.items),
        record: (tx, state) => record(tx, state, (at) => ({ type: "stock-reserved", at })),
        undo: ({ parcel }, { inventory }) => inventory.release(parcel.orderId),
      },
      {
        name: AUTHORISE_PAYMENT,
        timeoutMs: 10_000,
        run: async ({ parcel, amount, paymentMethod }, { payments }, { deadline }) => {
          const answer = await payments.authorise({
            orderId: parcel.orderId,
            userId: parcel.userId,
            amount: { currency: amount.currency, minor: BigInt(amount.minor) },
            paymentMethod,
          });
          switch (answer.status) {
            case "authorised":
              return next({ paymentId: answer.paymentId });
            case "declined":
              return fail("PAYMENT_DECLINED", declineDetail(answer.code));
            case "action-required":
              return wait({ until: deadline ?? deadlineMs, reason: "PAYMENT_ACTION_REQUIRED" });
          }
        },
        record: (tx, state) =>
          record(tx, state, (at) => ({ type: "payment-authorised", paymentId: state.paymentId ?? "", at })),
        undo: ({ parcel }, { payments }) => payments.void(parcel.orderId),
      },
      {
        name: "commit-stock", // The pivot: from here on, forward only.
        storedWithNext: true,
        run: async ({ parcel }, { inventory }) =>
          (await inventory.commit(parcel.orderId)) === "closed"
            ? fail("RESERVATION_EXPIRED", "The reserved items were given back before the payment was through.")
            : next(),
        record: (tx, state) => record(tx, state, (at) => ({ type: "stock-committed", at })),
      },
      {
        name: "capture-payment",
        timeoutMs: 10_000,
        run: ({ parcel }, { payments }) => payments.capture(parcel.orderId),
        record: (tx, state) => record(tx, state, (at) => ({ type: "confirmed", at })),
      },
      {
        name: "dispatch",
        timeoutMs: 10_000,
        run: async ({ parcel }, { shipping }) => {
          const trackingNumber = await shipping.dispatch(parcel);
          return trackingNumber === undefined ? next() : next({ trackingNumber });
        },
        record: (tx, { parcel, trackingNumber }) =>
          orders.change(tx, parcel.orderId, (order) =>
            trackingNumber === undefined ? [] : dispatch(order, trackingNumber, now()),
          ),
      },
    ],
    onCompensated: (tx, { parcel }, failure) =>
      orders.change(tx, parcel.orderId, (order) => [undone(order, failure, now())]),
  };
  const steps = definition.steps.map((step) => ({ ...step, storedWithNext: false }));
  return [defineSaga({ ...definition, steps, version: 1 }), defineSaga(definition)];
}

/** Returns the event that ends an undone order, in public words: the technical cause stays in the saga and the log. */
export function undone(order: Order, failure: Pick<SagaFailure, "reason" | "message">, at: Date): OrderEvent {
  const end = endOf(failure);
  if (end.reason === "CANCELLED_BY_CUSTOMER" || end.reason === "CANCELLED_BY_SHOP")
    return { type: "cancelled", reason: end.reason, detail: "Cancelled before anything was charged.", at };
  const unconfirmed = end.reason === "CHECKOUT_TIMED_OUT" && order.actionUrl !== "";
  if (unconfirmed) {
    const reason = "PAYMENT_NOT_CONFIRMED";
    return { type: "rejected", reason, detail: endDetails[reason], at };
  }
  return { type: "rejected", ...end, at };
}
