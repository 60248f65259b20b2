import { isFinal, type Order } from "../domain/order.ts";
import type { Orders } from "../ports.ts";

const POLL_MS = 1_000;

/** Yields the order now and after each change until it is final. Changes by other replicas are seen within a second. */
export function watchOrder({ orders }: { orders: Pick<Orders, "find" | "changed"> }) {
  return async function* (order: Order, signal: AbortSignal): AsyncGenerator<Order> {
    let seen = order;
    yield seen;
    while (!isFinal(seen) && !signal.aborted) {
      await orders.changed(order.orderId, AbortSignal.any([signal, AbortSignal.timeout(POLL_MS)]));
      const current = await orders.find(order.orderId);
      if (current === undefined || current.version === seen.version) continue;
      seen = current;
      yield seen;
    }
  };
}
