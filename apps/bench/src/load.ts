import { logIn } from "@kontor/launcher";
import { connectOptions, OPERATOR } from "@kontor/nats";
import { connect } from "@nats-io/transport-node";
import { Agent } from "undici";
import { postOrder } from "./post-order.ts";
import type { ShopUnderTest } from "./shop-under-test.ts";

/** The shoppers' results: the number of confirmed orders, their rate, and the time of each part in milliseconds. */
export type Load = {
  readonly confirmed: number;
  readonly perSecond: number;
  readonly accepted: readonly number[];
  readonly toConfirmed: readonly number[];
};

/** How many shoppers order at once (default 32), and when they stop: after a time, or after a number of orders. */
export type LoadTerms = { readonly shoppers?: number } & (
  | { readonly durationMs: number }
  | { readonly orders: number }
);

/**
 * Shoppers who each place an order over REST, wait until it is confirmed, and place the next. They receive the confirmation as an event.
 */
export async function runLoad(
  { run }: ShopUnderTest,
  products: readonly string[],
  { shoppers = 32, ...end }: LoadTerms,
): Promise<Load> {
  const { email, password } = run.accounts.shopper;
  const { accessToken } = await logIn(run.gateway, email, password);
  const confirmations = await listen(run.nats);
  const agent = new Agent({ connections: shoppers });
  const accepted: number[] = [];
  const toConfirmed: number[] = [];
  const began = performance.now();
  let placed = 0;
  const goesOn = () => ("orders" in end ? placed++ < end.orders : performance.now() - began < end.durationMs);

  async function order(productId: string): Promise<void> {
    const started = performance.now();
    const { statusCode, body } = await postOrder(run.gateway, agent, accessToken, productId);
    const text = await body.text();
    if (statusCode !== 201) throw new Error(`An order received ${statusCode}: ${text}`);
    accepted.push(performance.now() - started);
    const { id } = JSON.parse(text) as { id: string };
    await confirmations.of(id);
    toConfirmed.push(performance.now() - started);
  }

  const shopper = async (_: unknown, index: number) => {
    for (let n = index; goesOn(); n += 1) {
      await order(products[n % products.length] ?? "P-101");
    }
  };
  try {
    await Promise.all(Array.from({ length: shoppers }, shopper));
    const seconds = (performance.now() - began) / 1_000;
    return { confirmed: toConfirmed.length, perSecond: toConfirmed.length / seconds, accepted, toConfirmed };
  } finally {
    await confirmations.close();
    await agent.close();
  }
}

async function listen(servers: string) {
  const connection = await connect(connectOptions(OPERATOR, { natsUrl: [servers] }));
  const waiting = new Map<string, () => void>();
  const early = new Set<string>();
  connection.subscribe("shop.orders.v1.OrderConfirmed", {
    callback: (_, message) => {
      const id = message.headers?.get("ce-partitionkey") ?? "";
      const resolve = waiting.get(id);
      if (resolve === undefined) early.add(id);
      else resolve();
      waiting.delete(id);
    },
  });
  await connection.flush();
  return {
    of: (id: string) => new Promise<void>((resolve) => (early.delete(id) ? resolve() : waiting.set(id, resolve))),
    close: () => connection.close(),
  };
}
