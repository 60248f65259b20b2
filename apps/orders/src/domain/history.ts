import { formatMoney } from "@kontor/money";
import { actorOf, type CancelReason, cancelReason } from "./cancel.ts";
import { apply, type Order, type OrderEvent } from "./order.ts";

/** One line of an order's history: what happened and where the order stood after it. */
export type HistoryEntry = {
  readonly type: OrderEvent["type"];
  readonly description: string;
  readonly order: Order;
  /** Who caused it: `user:<id>`, `staff:<id>`, `provider` or `system`. */
  readonly actor: string;
  /** What was given back, in minor units. */
  readonly amount: bigint;
};

/** The history that a sequence of events tells, oldest first. */
export function historyOf(events: readonly OrderEvent[]): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  let order: Order | undefined;
  for (const event of events) {
    order = apply(order, event);
    const amount = event.type === "refunded" ? event.amount : 0n;
    entries.push({
      type: event.type,
      description: describe(event, order),
      order,
      actor: causeOf(event, order),
      amount,
    });
  }
  return entries;
}

function describe(event: OrderEvent, order: Order): string {
  switch (event.type) {
    case "placed":
      return "The order was placed.";
    case "stock-reserved":
      return "The items were set aside.";
    case "payment-action-required":
      return "The bank asked the shopper to confirm the payment.";
    case "payment-authorised":
      return "The payment was authorised.";
    case "stock-committed":
      return "The items were taken out of stock.";
    case "confirmed":
      return "The payment was taken; the order is confirmed.";
    case "dispatched":
      return `The parcel was handed to dispatch as ${event.trackingNumber}.`;
    case "shipped":
      return "The carrier took the parcel.";
    case "completed":
      return "The parcel was delivered.";
    case "rejected":
      return `The order was rejected: ${event.detail}`;
    case "cancellation-requested":
      return requested(cancelReason(order, event.by), event.reason);
    case "cancellation-refused":
      return `The cancellation was refused: ${event.detail}`;
    case "cancelled":
      return `The order was cancelled: ${event.detail}`;
    case "refunded": {
      const given = `${formatMoney({ currency: order.total.currency, minor: event.amount })} was given back`;
      return event.reason === "" ? `${given}.` : `${given}: ${event.reason}`;
    }
  }
}

function causeOf(event: OrderEvent, order: Order): string {
  switch (event.type) {
    case "placed":
      return actorOf(order, order.userId);
    case "cancellation-requested":
      return actorOf(order, event.by);
    case "refunded":
      return event.actor.startsWith("service:") ? "system" : event.actor || "system";
    default:
      return "system";
  }
}

function requested(by: CancelReason, reason: string): string {
  const what =
    by === "CANCELLED_BY_SHOP" ? "The shop requested a cancellation" : "The customer requested a cancellation";
  return reason === "" ? `${what}.` : `${what}: ${reason}`;
}
