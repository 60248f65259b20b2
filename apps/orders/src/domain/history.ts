import type { Language } from "@kontor/errors";
import { formatMoney } from "@kontor/money";
import { actorOf, cancelReason } from "./cancel.ts";
import { apply, type Order, type OrderEvent } from "./order.ts";
import { texts } from "./texts.ts";

/** One line of an order's history: the event and the order's status after it. */
export type HistoryEntry = {
  readonly type: OrderEvent["type"];
  readonly description: string;
  readonly order: Order;
  /** The actor: `user:<id>`, `staff:<id>`, `provider` or `system`. */
  readonly actor: string;
  /** The refunded amount, in minor units. */
  readonly amount: bigint;
};

/** Returns the history of a sequence of events, oldest first. */
export function historyOf(events: readonly OrderEvent[], language: Language = "en"): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  let order: Order | undefined;
  for (const event of events) {
    order = apply(order, event);
    const amount = event.type === "refunded" ? event.amount : 0n;
    entries.push({
      type: event.type,
      description: describe(event, order, language),
      order,
      actor: causeOf(event, order),
      amount,
    });
  }
  return entries;
}

function describe(event: OrderEvent, order: Order, language: Language): string {
  const words = texts[language];
  switch (event.type) {
    case "dispatched":
      return words.dispatched(event.trackingNumber);
    case "rejected":
      return words.rejected(words.end(event.reason, event.detail));
    case "cancellation-requested":
      return withReason(words.requestedBy[cancelReason(order, event.by)], event.reason);
    case "cancellation-refused":
      return words.refused(words.refusal(event.detail));
    case "cancelled":
      return words.cancelled(words.end(event.reason, event.detail));
    case "refunded": {
      const amount = formatMoney({ currency: order.total.currency, minor: event.amount }, language);
      return withReason(words.refunded(amount), words.given(event.reason));
    }
    default:
      return words.plain[event.type];
  }
}

/** A reason is a text that a person entered, in that person's language. */
function withReason(what: string, reason: string): string {
  return reason === "" ? `${what}.` : `${what}: ${reason}`;
}

function causeOf(event: OrderEvent, order: Order): string {
  switch (event.type) {
    case "placed":
      return actorOf(order, order.userId);
    case "adopted":
      return `user:${event.userId}`;
    case "cancellation-requested":
      return actorOf(order, event.by);
    case "refunded":
      return event.actor.startsWith("service:") ? "system" : event.actor || "system";
    default:
      return "system";
  }
}
