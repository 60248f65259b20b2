import { isFinal, type Order, type OrderEvent } from "./order.ts";

/** Records the parcel's number. Changes nothing after a later report of the carrier, or once the order is compensated. */
export function dispatch(order: Order, trackingNumber: string, at: Date): readonly OrderEvent[] {
  if (isFinal(order) || order.trackingNumber !== "") return [];
  return [{ type: "dispatched", trackingNumber, at }];
}

/**
 * Records that the carrier picked up the parcel. A repeated or late message changes nothing; one before the response to dispatch adds the
 * missing event.
 */
export function ship(order: Order, trackingNumber: string, at: Date): readonly OrderEvent[] {
  if (order.stage !== "confirmed" && order.stage !== "placed") return [];
  return [...dispatch(order, trackingNumber, at), { type: "shipped", at }];
}

/** Records the delivery of the parcel. A delivery implies a pick-up, even if no pick-up was reported. */
export function complete(order: Order, trackingNumber: string, at: Date): readonly OrderEvent[] {
  if (order.stage === "shipped") return [{ type: "completed", at }];
  const missed = ship(order, trackingNumber, at);
  return missed.length > 0 ? [...missed, { type: "completed", at }] : [];
}

/** Records that the bank requires the shopper's confirmation. It has no effect once the payment is decided. */
export function askShopper(order: Order, actionUrl: string, at: Date): readonly OrderEvent[] {
  if (order.stage !== "placed" || order.actionUrl === actionUrl) return [];
  return [{ type: "payment-action-required", actionUrl, at }];
}

/** The provider gave money back. A total that is not above the known one was recorded before. */
export function refund(
  order: Order,
  given: { readonly amount: bigint; readonly refunded: bigint; readonly actor: string; readonly reason: string },
  at: Date,
): readonly OrderEvent[] {
  return given.refunded > order.refunded ? [{ type: "refunded", ...given, at }] : [];
}
