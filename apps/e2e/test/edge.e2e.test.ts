import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

type Product = { readonly variants: readonly { readonly price: { readonly minor: number } }[] };

async function read(id: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${shop.gateway}/api/v1/products/${id}`, { headers });
  const tag = answer.headers.get("etag") ?? "";
  const price = answer.status === 200 ? ((await answer.json()) as Product).variants[0]?.price.minor : undefined;
  return { status: answer.status, tag, price };
}
async function setPrice(id: string, minor: number): Promise<void> {
  const price = { currency: "EUR", minor };
  await shop.staff.catalog.setPrice({ productId: id, sku: id, price });
}

/** Reads until a cached response is marked as cached: then the cache receives events. */
async function kept(id: string): Promise<void> {
  await expect.poll(() => hitsAfter(() => read(id)), { timeout: 15_000 }).toBe(1);
}
async function hits(): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${shop.ports.gatewayMetrics}/metrics`)).text();
  const found =
    /kontor_gateway_cache_reads_total\{method="shop.catalog.v1.CatalogService\/GetProduct",outcome="hit"\} (\d+)/;
  return Number(found.exec(page)?.[1] ?? 0);
}
async function hitsAfter(work: () => Promise<unknown>): Promise<number> {
  const before = await hits();
  await work();
  return (await hits()) - before;
}

describe("a price that changes", () => {
  it("is served from memory until then, and updated within the time of its event", async () => {
    const id = await shop.product(1);
    await kept(id);
    const old = await read(id);
    expect((await read(id, { "If-None-Match": old.tag })).status).toBe(304);
    for (const minor of [1300, 1400, 1500]) {
      await setPrice(id, minor);
      await expect.poll(async () => (await read(id, { "If-None-Match": old.tag })).price, { interval: 5 }).toBe(minor);
      await kept(id);
    }
  }, 60_000);

  it("is served uncached while NATS is unreachable", async () => {
    const id = await shop.product(1);
    await kept(id);
    await shop.stop("nats", "SIGKILL");
    await expect.poll(() => hitsAfter(() => read(id))).toBe(0);
    await setPrice(id, 1300);
    expect((await read(id)).price).toBe(1300);
    await shop.start("nats");
    await kept(id);
    expect((await read(id)).price).toBe(1300);
  }, 60_000);
});

describe("the limits of the shop on one machine", () => {
  it("are in the headers, and leave room for benchmarks", async () => {
    const answer = await fetch(`${shop.gateway}/api/v1/products`);
    expect(answer.headers.get("ratelimit-policy")).toBe('"default";q=10000000;w=60');
  });
});

describe("a product's page", () => {
  it("has its availability without the numbers of the warehouse, or lists it as missing", async () => {
    const id = await shop.product(7);
    const page = () => shop.staff.productPage.getProductPage({ productId: id });
    expect(await page()).toMatchObject({ product: { id }, availability: [{ sku: id }], missing: [] });
    expect((await page()).availability).toEqual([{ sku: id, status: expect.stringMatching(/in_stock/i) }]);
    await shop.stop("inventory", "SIGKILL");
    expect(await page()).toMatchObject({ product: { id }, availability: [], missing: ["availability"] });
    const fallback = await fetch(`${shop.gateway}/api/v1/products/${id}/page`);
    expect([fallback.status, fallback.headers.get("kontor-fallback")]).toEqual([200, "true"]);
    await shop.start("inventory");
    await expect.poll(page, { timeout: 20_000 }).toMatchObject({ missing: [] });
    expect((await fetch(`${shop.gateway}/api/v1/products/${randomUUID()}/page`)).status).toBe(404);
  }, 60_000);
});
