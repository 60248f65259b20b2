import { getOption } from "@bufbuild/protobuf";
import { ProductPageService } from "@kontor/contracts/gateway/v1/product_page_service";
import { fallback } from "@kontor/contracts/options/v1/options";
import { defineErrors } from "@kontor/errors";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const errors = defineErrors("shop.test", {
  PRODUCT_NOT_FOUND: { code: "NOT_FOUND", message: "No product." },
  SKU_NOT_FOUND: { code: "NOT_FOUND", message: "No SKU." },
  INVENTORY_AWAY: { code: "UNAVAILABLE", message: "Later." },
});
const product = { id: "p", variants: [{ sku: "a" }, { sku: "b" }, { sku: "c" }] };
let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
beforeEach(() => shop.seen.splice(0));
afterAll(() => shop.stop());

/** Answers for the catalog, and with what a SKU makes of inventory. */
function stock(of: (sku: string) => unknown): void {
  shop.script = async (rpc, request) => {
    if (rpc === "getProduct") return { product };
    return { stock: await of((request as unknown as { sku: string }).sku) };
  };
}
async function page() {
  const answer = await shop.fetch("/api/v1/products/p/page");
  const body = (await answer.json()) as { product: object; stock: { sku: string }[]; missing: string[] };
  const fallback = answer.headers.get("kontor-fallback");
  return { status: answer.status, skus: body.stock?.map(({ sku }) => sku), missing: body.missing, fallback, body };
}

describe("a product's page", () => {
  it("has the product with the stock of all variants, asked for at the same time", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stock(async (sku) => {
      await promise;
      return { sku, available: 3n };
    });
    const asked = page();
    await expect.poll(() => shop.seen.filter(({ rpc }) => rpc === "getStock")).toHaveLength(3);
    resolve();
    const { body, skus, missing, fallback } = await asked;
    expect([skus, missing, fallback]).toEqual([["a", "b", "c"], [], null]);
    expect(body.product).toMatchObject({ id: "p" });
  });

  it("leaves out what never had stock", async () => {
    stock((sku) => (sku === "b" ? Promise.reject(errors.SKU_NOT_FOUND()) : { sku }));
    expect(await page()).toMatchObject({ status: 200, skus: ["a", "c"], missing: [] });
  });

  it("is what its contract has for a fallback when inventory is down, with the product, and says so", async () => {
    stock(() => Promise.reject(errors.INVENTORY_AWAY()));
    const { body, ...rest } = await page();
    expect(rest).toEqual({ status: 200, skus: [], missing: ["stock"], fallback: "true" });
    expect(body.product).toMatchObject({ id: "p" });
    const { getProductPage } = ProductPageService.method;
    expect(JSON.parse(getOption(getProductPage, fallback).json)).toEqual({ missing: ["stock"] });
    const metrics = await (await fetch(`http://127.0.0.1:${shop.metricsPort}/metrics`)).text();
    const counted = 'fallbacks_total{service="kontor.gateway.v1.ProductPageService",method="GetProductPage"} ';
    expect(metrics).toContain(counted);
  });

  it("comes in time when inventory never answers", async () => {
    stock(() => new Promise(() => {}));
    expect(await page()).toMatchObject({ status: 200, skus: [], missing: ["stock"] });
  });

  it("is the product's error when there is none", async () => {
    shop.script = () => Promise.reject(errors.PRODUCT_NOT_FOUND());
    expect((await page()).status).toBe(404);
  });
});
