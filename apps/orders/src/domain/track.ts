import type { Order, OrderEvent } from "./order.ts";

/** The carrier took the parcel. Hearing it again, or late, changes nothing. */
export function ship(order: Order, at: Date): readonly OrderEvent[] {
  return order.stage === "confirmed" || order.stage === "placed" ? [{ type: "shipped", at }] : [];
}

/** The parcel was delivered. Whoever delivers has picked up before, even if we never heard of it. */
export function complete(order: Order, at: Date): readonly OrderEvent[] {
  if (order.stage === "shipped") return [{ type: "completed", at }];
  const missed = ship(order, at);
  return missed.length > 0 ? [...missed, { type: "completed", at }] : [];
}

/** The bank wants to hear from the shopper. Pointless once the payment is decided. */
export function askShopper(order: Order, actionUrl: string, at: Date): readonly OrderEvent[] {
  if (order.stage !== "placed" || order.actionUrl === actionUrl) return [];
  return [{ type: "payment-action-required", actionUrl, at }];
}
