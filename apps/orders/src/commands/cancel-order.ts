import type { Database } from "@kontor/postgres";
import { checkCancellable, requestCancellation } from "../domain/cancel.ts";
import type { Order } from "../domain/order.ts";
import type { Orders, Sagas } from "../ports.ts";

export type CancelOrder = { readonly order: Order; readonly by: string; readonly reason: string };

/** Turns the checkout round while that is possible; after it, a cancellation calls the parcel and the money back. */
export function cancelOrder({
  db,
  orders,
  sagas,
  now,
}: {
  db: Database;
  orders: Orders;
  sagas: Sagas;
  now: () => Date;
}) {
  return async ({ order, by, reason }: CancelOrder): Promise<Order> => {
    checkCancellable(order);
    return db.transaction(async (tx) => {
      // The saga's row is locked before the order's, as its own steps do.
      const aborted = await sagas.abortCheckout(tx, order.orderId);
      let asked = false;
      const cancelling = await orders.change(tx, order.orderId, (current) => {
        const events = requestCancellation(current, by, reason, now());
        asked = events.length > 0;
        return events;
      });
      if (asked && !aborted) await sagas.beginCancellation(tx, cancelling);
      return cancelling;
    });
  };
}
