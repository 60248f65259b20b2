import { counter, histogram } from "@kontor/telemetry";
import type { Order, OrderEvent } from "../domain/order.ts";

const happened = counter("kontor_orders_events_total", "Events of orders.", ["event"]);
const settled = histogram(
  "kontor_orders_settled_seconds",
  "Time from placing an order to its confirmation, or to its end before that.",
  ["outcome"],
  [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600],
);
const confirmed = counter(
  "kontor_orders_confirmed_minor_units_total",
  "Totals of confirmed orders, in minor units of their currency.",
  ["currency"],
);

/** Counts committed events. */
export function count(before: Order | undefined, events: readonly OrderEvent[]): void {
  for (const { type: event, at } of events) {
    happened.inc({ event });
    if (before?.stage !== "placed") continue;
    if (event === "confirmed" || event === "rejected" || event === "cancelled")
      settled.observe({ outcome: event }, Math.max(0, at.getTime() - before.placedAt.getTime()) / 1000);
    if (event === "confirmed") confirmed.inc({ currency: before.total.currency }, Number(before.total.minor));
  }
}
