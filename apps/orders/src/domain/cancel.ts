import type { EndReason } from "./end-reason.ts";
import { orderErrors } from "./errors.ts";
import type { Order, OrderEvent } from "./order.ts";

/** How a cancelled order ends. */
export type CancelReason = Extract<EndReason, `CANCELLED_${string}`>;

/** Returns the reason with which an order ends that this user cancels: its own user is the customer, all others are the shop. */
export function cancelReason({ userId }: Pick<Order, "userId">, by: string): CancelReason {
  return by === userId ? "CANCELLED_BY_CUSTOMER" : "CANCELLED_BY_SHOP";
}

/** Returns the actor of a user for the order: `user:<id>` for its own user, `staff:<id>` for all others. */
export function actorOf({ userId }: Pick<Order, "userId">, by: string): string {
  return by === userId ? `user:${by}` : `staff:${by}`;
}

/** Whether the order can still be called back, or is being called back already. Throws ORDER_NOT_CANCELLABLE. */
export function checkCancellable(order: Order): void {
  switch (order.stage) {
    case "placed":
    case "confirmed":
    case "cancelled":
      return;
    case "shipped":
    case "completed":
    case "rejected":
      throw orderErrors.ORDER_NOT_CANCELLABLE({ orderId: order.orderId, status: order.stage });
  }
}

/** Requests the cancellation. Repeating the request changes nothing. */
export function requestCancellation(order: Order, by: string, reason: string, at: Date): readonly OrderEvent[] {
  checkCancellable(order);
  if (order.cancelling || order.stage === "cancelled") return [];
  return [{ type: "cancellation-requested", by, reason, at }];
}
