import type { Database, RowQueue, Tx } from "@kontor/postgres";
import { actorOf, cancelReason, requestCancellation } from "../domain/cancel.ts";
import { orderErrors } from "../domain/errors.ts";
import type { Order, OrderEvent } from "../domain/order.ts";
import type { Orders, Sagas } from "../ports.ts";
import { CHECKOUT } from "../sagas/checkout.ts";

export type EndCheckout = {
  readonly orderId: string;
  readonly by: string;
  readonly reason: string;
  readonly signal?: AbortSignal;
};

type Deps = {
  readonly db: Database;
  readonly orders: Pick<Orders, "change" | "history">;
  readonly sagas: Pick<Sagas, "endCheckout" | "continueCancellation">;
  readonly now: () => Date;
  /** Of calls that lock an order. */
  readonly queue: RowQueue;
};

/**
 * Ends a checkout that is parked and cannot be finished: a cancellation recalls the parcel, refunds the money and returns the stock. A
 * cancellation that waits for the checkout continues; otherwise one begins, on behalf of `by`. Throws SAGA_NOT_PARKED, or
 * ORDER_NOT_CANCELLABLE once the carrier has picked up the parcel.
 */
export function endCheckout({ db, orders, sagas, now, queue }: Deps) {
  return async ({ orderId, by, reason, signal }: EndCheckout): Promise<Order> => {
    const requested = cancellationRequest(await orders.history(orderId));
    const end = async (tx: Tx) => {
      if (!(await sagas.endCheckout(tx, orderId)))
        throw orderErrors.SAGA_NOT_PARKED({ saga: CHECKOUT, sagaId: orderId });
      let request = requested;
      const order = await orders.change(tx, orderId, (current) => {
        const events = requestCancellation(current, by, reason, now());
        if (events.length > 0) request = { version: current.version + 1, by };
        return events;
      });
      if (request !== undefined) {
        const { version, by: requester } = request;
        const why = cancelReason(order, requester);
        await sagas.continueCancellation(tx, { orderId, version }, why, actorOf(order, requester));
      }
      return order;
    };
    return queue.run(orderId, () => db.transaction(end), signal);
  };
}

/** Returns the last request to cancel, and the version that the order got by it. */
function cancellationRequest(events: readonly OrderEvent[]): { version: number; by: string } | undefined {
  const index = events.findLastIndex(({ type }) => type === "cancellation-requested");
  const event = events[index];
  return event?.type === "cancellation-requested" ? { version: index + 1, by: event.by } : undefined;
}
