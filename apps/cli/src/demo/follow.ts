import { dim, type ShopClient } from "@kontor/launcher";
import type { Order } from "@kontor/shop/client";
import { isFinal } from "./order.ts";

const FOLLOW_FOR_MS = 90_000;

export type FollowOptions = {
  /** Says when enough was seen. Default: when the order is final. */
  until?: (order: Order) => boolean;
  /** The version that is known already. */
  since?: number;
};

/** Prints the events of an order as they arrive. Returns its last state. */
export async function follow(
  shop: ShopClient,
  order: Order,
  { until = isFinal, since = 0 }: FollowOptions = {},
): Promise<Order> {
  const began = performance.now();
  let printed = since;
  const states = shop.orders.watchOrder({ orderId: order.id }, { timeoutMs: FOLLOW_FOR_MS });
  for await (const now of states) {
    printed = await tell(shop, now, printed, began);
    if (until(now)) return now; // Leaving the loop closes the connection.
  }
  throw new Error(`the stream of order ${order.id} ended before the order did`);
}

/** Prints the history since the last printed version. */
async function tell(shop: ShopClient, order: Order, printed: number, began: number): Promise<number> {
  const { entries } = await shop.orders.listOrderHistory({ orderId: order.id });
  const news = entries.filter(({ version }) => version > printed);
  const elapsed = `+${((performance.now() - began) / 1000).toFixed(2)}s`.padStart(9);
  for (const { type, description, ...entry } of news) {
    console.log(`${dim(elapsed)}  ${(entry.status ?? "").padEnd(11)} ${type.padEnd(22)} ${dim(description)}`);
  }
  return Math.max(printed, ...news.map(({ version }) => version));
}
