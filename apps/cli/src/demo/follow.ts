import { dim, type ShopClient } from "@kontor/launcher";
import { type HistoryEntry, isFinal, type Order } from "./order.ts";
import { dataOf } from "./server-sent-events.ts";

const FOLLOW_FOR_MS = 90_000;

export type FollowOptions = {
  /** Whether to stop at a state. Default: when the order is final. */
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
  const answer = await shop.events(`/api/v1/orders/${order.id}:watch`, AbortSignal.timeout(FOLLOW_FOR_MS));
  if (!answer.ok || answer.body === null) throw new Error(`the order cannot be watched: ${answer.status}`);
  const began = performance.now();
  let printed = since;
  for await (const data of dataOf(answer.body)) {
    const now: Order = JSON.parse(data);
    printed = await tell(shop, now, printed, began);
    if (until(now)) return now; // Leaving the loop closes the connection.
  }
  throw new Error(`the stream of order ${order.id} ended before the order did`);
}

/** Prints the history since the last printed version. */
async function tell(shop: ShopClient, order: Order, printed: number, began: number): Promise<number> {
  const { entries } = await shop.get<{ entries: HistoryEntry[] }>(`/api/v1/orders/${order.id}/history`);
  const news = entries.filter(({ version }) => version > printed);
  const elapsed = `+${((performance.now() - began) / 1000).toFixed(2)}s`.padStart(9);
  for (const { type, description, ...entry } of news) {
    console.log(`${dim(elapsed)}  ${entry.status.padEnd(11)} ${type.padEnd(22)} ${dim(description)}`);
  }
  return Math.max(printed, ...news.map(({ version }) => version));
}
