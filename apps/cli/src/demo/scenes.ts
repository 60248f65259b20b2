import { randomUUID } from "node:crypto";
import { dim, type ShopClient } from "@kontor/launcher";
import { apiError, type Order } from "@kontor/shop/client";
import { follow } from "./follow.ts";
import { orderBody, placeOrder, refusalOf } from "./place-order.ts";

/** A scene: the actions of a shopper and the expected outcome. `play` returns the actual outcome. */
export type Scene = { title: string; expected: string; play: (shop: ShopClient) => Promise<string> };

const say = (text: string): void => console.log(`           ${dim(text)}`);

const outcome = (order: Order): string => [order.status, order.reason].filter(Boolean).join(" ");

export const scenes: readonly Scene[] = [
  {
    title: "A card that is approved: paid, dispatched, delivered",
    expected: "completed",
    play: async (shop) => {
      const order = await follow(shop, await placeOrder(shop, { quantity: 2 }));
      if (order.trackingNumber) say(`tracking number ${order.trackingNumber}`);
      return outcome(order);
    },
  },
  {
    title: "A card that is declined: stock goes back, nothing is charged",
    expected: "rejected PAYMENT_DECLINED",
    play: async (shop) => outcome(await follow(shop, await placeOrder(shop, { paymentMethod: "tok_declined" }))),
  },
  {
    title: "Something that is out of stock: refused",
    expected: "OUT_OF_STOCK",
    play: async (shop) => {
      const answer = await refusalOf(shop, { productId: "P-198", price: 1990 });
      if (!(answer instanceof Error)) return outcome(await follow(shop, answer));
      say(answer.message);
      return answer.reason;
    },
  },
  {
    title: "The app loses the response and retries with the same key: one order, the same response",
    expected: "one order",
    play: async (shop) => {
      const body = orderBody();
      const [first, again, once] = [await send(body), ...(await Promise.all([send(body), send(body)]))];
      say(`three requests with key ${body.idempotencyKey}, one order: ${JSON.parse(first).id}`);
      return first === again && first === once ? "one order" : "different responses";

      async function send(order: typeof body): Promise<string> {
        return JSON.stringify(await shop.orders.placeOrder(order));
      }
    },
  },
  {
    title: "The same key for another order: refused",
    expected: "422 IDEMPOTENCY_KEY_REUSED",
    play: async (shop) => {
      const idempotencyKey = randomUUID();
      await shop.orders.placeOrder({ ...orderBody(), idempotencyKey });
      try {
        await shop.orders.placeOrder({ ...orderBody({ quantity: 3 }), idempotencyKey });
        return "accepted";
      } catch (error) {
        const refusal = apiError(error);
        if (refusal === undefined) throw error;
        say(refusal.message);
        return `${refusal.status} ${refusal.reason}`;
      }
    },
  },
  {
    title: "The shopper changes her mind: the money and the stock go back",
    expected: "cancelled",
    play: async (shop) => {
      const order = await follow(shop, await placeOrder(shop), { until: (now) => now.status !== "placed" });
      await shop.orders.cancelOrder({ orderId: order.id, reason: "I changed my mind." });
      return (await follow(shop, order, { since: order.version })).status ?? "";
    },
  },
];
