import type { Database, RowQueue, Tx } from "@kontor/postgres";
import { actorOf, cancelReason, checkCancellable, requestCancellation } from "../domain/cancel.ts";
import type { Order } from "../domain/order.ts";
import type { Orders, Sagas } from "../ports.ts";

export type CancelOrder = {
  readonly order: Order;
  readonly by: string;
  readonly reason: string;
  readonly signal?: AbortSignal;
};

type Deps = {
  readonly db: Database;
  readonly orders: Orders;
  readonly sagas: Sagas;
  readonly now: () => Date;
  /** Of calls that lock an order. */
  readonly queue: RowQueue;
};

/** Aborts the checkout while that is possible; after its pivot, a cancellation recalls the parcel and refunds the money. */
export function cancelOrder({ db, orders, sagas, now, queue }: Deps) {
  return async ({ order, by, reason, signal }: CancelOrder): Promise<Order> => {
    checkCancellable(order);
    const endReason = cancelReason(order, by);
    const cancel = async (tx: Tx) => {
      // The saga's row is locked before the order's, as its own steps do.
      const aborted = await sagas.abortCheckout(tx, order.orderId, endReason);
      let asked = false;
      const cancelling = await orders.change(tx, order.orderId, (current) => {
        const events = requestCancellation(current, by, reason, now());
        asked = events.length > 0;
        return events;
      });
      if (asked && !aborted) await sagas.beginCancellation(tx, cancelling, endReason, actorOf(order, by));
      return cancelling;
    };
    return queue.run(order.orderId, () => db.transaction(cancel), signal);
  };
}
