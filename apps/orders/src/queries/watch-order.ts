import { addAbortListener } from "node:events";
import { isFinal, type Order } from "../domain/order.ts";
import type { Orders } from "../ports.ts";

const POLL_MS = 1_000;

/** Yields the order now and after each change until it is final. Changes by other replicas are seen within a second. */
export function watchOrder({ orders }: { orders: Pick<Orders, "find" | "changed"> }) {
  return async function* (order: Order, signal: AbortSignal): AsyncGenerator<Order> {
    let seen = order;
    yield seen;
    while (!isFinal(seen) && !signal.aborted) {
      await within(POLL_MS, signal, (over) => orders.changed(order.orderId, over));
      const current = await orders.find(order.orderId);
      if (current === undefined || current.version === seen.version) continue;
      seen = current;
      yield seen;
    }
  };
}

/** Waits with a signal that aborts after `ms` or with `signal`, which lasts as long as the watch and keeps no listener. */
async function within(ms: number, signal: AbortSignal, wait: (over: AbortSignal) => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  using _ = addAbortListener(signal, () => over.abort());
  const timer = setTimeout(() => over.abort(), ms);
  try {
    await wait(over.signal);
  } finally {
    clearTimeout(timer);
  }
}
