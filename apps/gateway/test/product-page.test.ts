import { getOption } from "@bufbuild/protobuf";
import { fallback } from "@kontor/contracts/options/v1/options";
import { defineErrors } from "@kontor/errors";
import { ProductPageService } from "@kontor/shop/contracts/gateway/v1/product_page_service";
import { AvailabilityStatus } from "@kontor/shop/contracts/inventory/v1/stock";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const errors = defineErrors("shop.test", {
  PRODUCT_NOT_FOUND: { code: "NOT_FOUND", message: "No product." },
  INVENTORY_AWAY: { code: "UNAVAILABLE", message: "Later." },
});
const product = { id: "p", variants: [{ sku: "a" }, { sku: "b" }, { sku: "c" }] };
let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => shop.seen.splice(0));
afterAll(() => shop.stop());

/** Scripts the catalog, and the inventory's response for SKUs. */
function inventory(of: (skus: readonly string[]) => unknown): void {
  shop.script = async (rpc, request) => {
    if (rpc === "getProduct") return { product };
    return { availability: await of((request as unknown as { skus: string[] }).skus) };
  };
}
async function page() {
  const answer = await shop.fetch("/api/v1/products/p/page");
  const body = (await answer.json()) as { product: object; availability: { sku: string }[]; missing: string[] };
  const fallback = answer.headers.get("kontor-fallback");
  return {
    status: answer.status,
    skus: body.availability?.map(({ sku }) => sku),
    missing: body.missing,
    fallback,
    body,
  };
}

describe("a product's page", () => {
  it("has the product with the availability of all variants, read in one call, and no numbers of the warehouse", async () => {
    inventory((skus) => skus.map((sku) => ({ sku, status: AvailabilityStatus.LOW_STOCK, remaining: 3 })));
    const { body, skus, missing, fallback } = await page();
    expect([skus, missing, fallback]).toEqual([["a", "b", "c"], [], null]);
    expect(shop.seen.map(({ rpc }) => rpc)).toEqual(["getProduct", "batchGetAvailability"]);
    expect(body.product).toMatchObject({ id: "p" });
    expect(body.availability[0]).toEqual({ sku: "a", status: expect.stringMatching(/low_stock/i), remaining: 3 });
  });

  it("is the contract's fallback with the product, marked as one, while inventory is down", async () => {
    inventory(() => Promise.reject(errors.INVENTORY_AWAY()));
    const { body, ...rest } = await page();
    expect(rest).toEqual({ status: 200, skus: [], missing: ["availability"], fallback: "true" });
    expect(body.product).toMatchObject({ id: "p" });
    const { getProductPage } = ProductPageService.method;
    expect(JSON.parse(getOption(getProductPage, fallback).json)).toEqual({ missing: ["availability"] });
    const metrics = await (await fetch(`http://127.0.0.1:${shop.metricsPort}/metrics`)).text();
    const counted = 'fallbacks_total{service="shop.gateway.v1.ProductPageService",method="GetProductPage"} ';
    expect(metrics).toContain(counted);
  });

  it("arrives in time when inventory never responds", async () => {
    inventory(() => new Promise(() => {}));
    expect(await page()).toMatchObject({ status: 200, skus: [], missing: ["availability"] });
  });

  it("is the product's error when there is none", async () => {
    shop.script = () => Promise.reject(errors.PRODUCT_NOT_FOUND());
    // The endpoint of all services was silent in the test before: its circuit has to close first.
    await expect.poll(async () => (await page()).status, { timeout: 10_000 }).toBe(404);
  });
});
