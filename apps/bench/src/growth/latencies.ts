import { logIn } from "@kontor/launcher";
import { Agent, request } from "undici";
import { runLoad } from "../load.ts";
import type { ShopUnderTest } from "../shop-under-test.ts";
import { percentile } from "../statistics.ts";

/** The median latency of each operation, in milliseconds. */
export type Latencies = Readonly<Record<string, number>>;

/** Measures one operation after the other, one request at a time. */
export async function latenciesOf(
  shop: ShopUnderTest,
  products: readonly string[],
  requests: number,
): Promise<Latencies> {
  const { gateway, accounts } = shop.run;
  const shopper = await logIn(gateway, accounts.shopper.email, accounts.shopper.password);
  const staff = await logIn(gateway, accounts.staff.email, accounts.staff.password);
  const placed = await runLoad(shop, products, { orders: requests, shoppers: 1 });
  const agent = new Agent({ connections: 1 });

  /** Sends a request again and again. `n` makes each differ, so that the gateway's cache has none of them. */
  async function timed(path: (n: number) => string, token: string): Promise<number> {
    const took: number[] = [];
    for (let n = 0; n < requests; n += 1) {
      const began = performance.now();
      const headers = { authorization: `Bearer ${token}`, "cache-control": "no-cache" };
      const { statusCode, body } = await request(gateway + path(n), { dispatcher: agent, headers });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`GET ${path(n)} returned ${statusCode}: ${text}`);
      took.push(performance.now() - began);
    }
    return percentile(took, 50);
  }

  const own = await idsOf(gateway, `/api/v1/users/${shopper.userId}/orders?pageSize=20`, shopper.accessToken);
  const order = (n: number) => own[n % own.length] ?? "";
  const product = (n: number) => products[n % products.length] ?? "";
  try {
    return {
      "order accepted": percentile(placed.accepted, 50),
      "order confirmed": percentile(placed.toConfirmed, 50),
      "order read": await timed((n) => `/api/v1/orders/${order(n)}`, shopper.accessToken),
      "own orders": await timed(
        (n) => `/api/v1/users/${shopper.userId}/orders?pageSize=${10 + (n % 10)}`,
        shopper.accessToken,
      ),
      "payment of order": await timed((n) => `/api/v1/orders/${order(n)}/payment`, staff.accessToken),
      "shipment of order": await timed((n) => `/api/v1/orders/${order(n)}/shipment`, staff.accessToken),
      "orders, newest": await timed((n) => `/api/v1/orders?pageSize=${10 + (n % 10)}`, staff.accessToken),
      "orders by product": await timed((n) => `/api/v1/orders?sku=${product(n)}&pageSize=10`, staff.accessToken),
      "payments, newest": await timed((n) => `/api/v1/payments?pageSize=${10 + (n % 10)}`, staff.accessToken),
      "shipments, newest": await timed((n) => `/api/v1/shipments?pageSize=${10 + (n % 10)}`, staff.accessToken),
      "product read": await timed((n) => `/api/v1/products/${product(n)}`, staff.accessToken),
      "products listed": await timed((n) => `/api/v1/products?pageSize=${5 + (n % 40)}`, staff.accessToken),
      "products of staff by text": await timed(
        (n) => `/api/v1/staff/products?q=BENCH-${n % 20}&pageSize=10`,
        staff.accessToken,
      ),
      "products searched": await timed(
        (n) => `/api/v1/products:search?q=BENCH-${n % 20}&pageSize=10`,
        staff.accessToken,
      ),
      "stock read": await timed((n) => `/api/v1/stock/${product(n)}`, staff.accessToken),
      "stock movements": await timed((n) => `/api/v1/stock/${product(n)}/movements?pageSize=10`, staff.accessToken),
    };
  } finally {
    await agent.close();
  }
}

async function idsOf(gateway: string, path: string, token: string): Promise<string[]> {
  const { body } = await request(gateway + path, { headers: { authorization: `Bearer ${token}` } });
  const { orders = [] } = (await body.json()) as { orders?: { id: string }[] };
  return orders.map(({ id }) => id);
}
