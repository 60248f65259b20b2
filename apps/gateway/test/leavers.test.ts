import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ rateLimits: '{"default":{"limit":1000000},"orders":{"limit":1000000}}' });
});
afterAll(() => shop.stop());

describe("clients that leave, one after the other, by the thousand", () => {
  it("cost no other client a response, although upstreams close connections with many cancelled calls", {
    timeout: 90_000,
  }, async () => {
    let waiting = 0;
    shop.script = (rpc, _request, { signal }) => {
      if (rpc !== "getOrder") return Promise.resolve({});
      waiting++;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    const headers = { Authorization: `Bearer ${shop.token("u1", "orders.read")}` };
    let leaving = true;
    let left = 0;
    async function leave(): Promise<void> {
      while (left < 1_800) {
        left++;
        const before = waiting;
        const outgoing = request(`${shop.url}/api/v1/orders/o${left}`, { headers, agent: false }).end();
        outgoing.on("error", () => {});
        for (let i = 0; i < 50 && waiting === before; i++) await new Promise((soon) => setTimeout(soon, 2));
        outgoing.destroy();
      }
    }
    const statuses = new Map<number, number>();
    async function stay(name: string): Promise<void> {
      for (let i = 0; leaving; i++) {
        const { status } = await shop.fetch(`/api/v1/products/${name}${i}`);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    const staying = [stay("a"), stay("b")];
    await Promise.all(Array.from({ length: 16 }, leave));
    leaving = false;
    await Promise.all(staying);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(20);
  });
});
