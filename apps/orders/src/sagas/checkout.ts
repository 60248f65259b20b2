import type { Tx } from "@kontor/postgres";
import { defineSaga, fail, next, type SagaDefinition, type SagaFailure, wait } from "@kontor/saga";
import type { Inventory, Parcel, Payments, Pricing, Shipping, UseCustomer } from "../callees.ts";
import type { Use } from "../domain/charges.ts";
import { declineDetail, endDetails, endOf } from "../domain/end-reason.ts";
import { isGuest, type Order, type OrderEvent } from "../domain/order.ts";
import { dispatch } from "../domain/track.ts";
import type { Carts, Orders } from "../ports.ts";

export const CHECKOUT = "orders.checkout.v1";
export const AUTHORISE_PAYMENT = "authorise-payment";
const HOLD_USES = "hold-uses";

/** The state of a checkout. Amounts are decimal strings: it is stored as JSON. */
export type CheckoutState = {
  /** The uses of promotions that the order takes, and who takes them; absent if it takes none, and in versions before the third. */
  readonly uses?: { readonly customer: UseCustomer; readonly taken: readonly Use[] };
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
  readonly pricing: Pricing;
};

/** The state that a new order's checkout begins with. */
export function checkoutOf(order: Order): CheckoutState {
  const { orderId, userId, address, weightGrams, total, paymentMethod, charges, email = "" } = order;
  const customer = isGuest(order) ? { userId: "", email } : { userId, email: "" };
  const items = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    parcel: { orderId, userId, method: order.shippingMethod, address, items, weightGrams },
    amount: { currency: total.currency, minor: total.minor.toString() },
    paymentMethod,
    ...(charges !== undefined && charges.uses.length > 0 && { uses: { customer, taken: charges.uses } }),
  };
}

/**
 * Fulfils an order, or undoes it. Its newest version is the third, which takes the uses of promotions first. Earlier ones finish what began
 * with them: the first stored each step by itself. It gives up before the reservation expires, which ends before the authorisation does:
 * `deadlineMs` must stay below the reservation's life in inventory.
 */
export function defineCheckouts({
  orders,
  carts,
  now,
  deadlineMs,
}: {
  orders: Pick<Orders, "change">;
  carts: Pick<Carts, "giveBack">;
  now: () => Date;
  deadlineMs: number;
}) {
  const record = (tx: Tx, state: CheckoutState, event: (at: Date) => OrderEvent) =>
    orders.change(tx, state.parcel.orderId, () => [event(now())]);

  const definition: SagaDefinition<CheckoutState, CheckoutServices> = {
    name: CHECKOUT,
    version: 3, // Changed steps or state get a new one: docs/guides/saga-versions.md.
    deadlineMs,
    pivot: "commit-stock",
    steps: [
      {
        name: HOLD_USES,
        storedWithNext: true,
        run: async ({ parcel: { orderId }, uses }, { pricing }) => {
          if (uses === undefined) return next();
          const held = await pricing.holdUses({ orderId, customer: uses.customer, uses: uses.taken });
          return held.status === "held" ? next() : fail("PROMOTION_USED_UP", endDetails.PROMOTION_USED_UP);
        },
        undo: async ({ parcel: { orderId }, uses }, { pricing }) => {
          if (uses !== undefined) await pricing.releaseUses(orderId);
        },
      },
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
          if (isFree(amount)) return next({ paymentId: "" });
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
        undo: async ({ parcel, amount }, { payments }) => {
          if (!isFree(amount)) await payments.void(parcel.orderId);
        },
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
        run: async ({ parcel, amount }, { payments }) => {
          if (!isFree(amount)) await payments.capture(parcel.orderId);
        },
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
    onCompensated: async (tx, { parcel: { orderId } }, failure) => {
      const order = await orders.change(tx, orderId, (current) => [undone(current, failure, now())]);
      if (order.stage === "rejected") await carts.giveBack(tx, orderId, now());
    },
  };
  const second = definition.steps.filter(({ name }) => name !== HOLD_USES);
  const first = second.map((step) => ({ ...step, storedWithNext: false }));
  return [
    defineSaga({ ...definition, steps: first, version: 1 }),
    defineSaga({ ...definition, steps: second, version: 2 }),
    defineSaga(definition),
  ];
}

/** An order that costs nothing has no payment. */
function isFree({ minor }: CheckoutState["amount"]): boolean {
  return minor === "0";
}

/** Returns the event that ends an undone order, in public words: the technical cause remains in the saga and the log. */
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
