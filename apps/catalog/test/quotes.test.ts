import { QuoteProblem } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { ProductStatus } from "@kontor/shop/contracts/catalog/v1/product";
import { afterAll, describe, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, staff } = shop;
afterAll(() => shop.stop());

describe("quoting items", () => {
  it("has the order of the items, at present prices", async () => {
    const mug = await shop.sell();
    const shirt = await shop.sell({
      ...aProduct({ title: "Shirt" }),
      options: ["size"],
      variants: ["S", "M"].map((size) => ({
        sku: `SHIRT-${size}`,
        title: size,
        optionValues: { size },
        price: { currency: "EUR", minor: 2500n },
        weightGrams: 200,
      })),
    });
    await catalog.setPrice({ productId: mug, sku: mug, price: { currency: "EUR", minor: 990n } }, staff);
    const items = [
      { productId: shirt, sku: "SHIRT-M" },
      { productId: mug },
      { productId: shirt, sku: "" },
      { productId: mug, sku: "SHIRT-M" },
      { productId: "nothing" },
    ];
    const quoted = await catalog.quoteItems({ items });
    expect(quoted.items).toMatchObject([
      { sku: "SHIRT-M", title: "Shirt, M", unitPrice: { currency: "EUR", minor: 2500n }, weightGrams: 200 },
      { sku: mug, title: "Enamel mug", unitPrice: { minor: 990n }, problem: QuoteProblem.UNSPECIFIED },
      { productId: shirt, problem: QuoteProblem.SKU_REQUIRED },
      { productId: mug, sku: "SHIRT-M", problem: QuoteProblem.UNKNOWN_SKU },
      { productId: "nothing", problem: QuoteProblem.UNKNOWN_PRODUCT },
    ]);
    expect(quoted.items[2]?.unitPrice).toBeUndefined();
    expect(quoted.items.map(({ sku }) => sku)).toEqual(["SHIRT-M", mug, undefined, "SHIRT-M", undefined]);
    expect(quoted.items.slice(2).map(({ title }) => title)).toEqual([undefined, undefined, undefined]);
  });

  it("knows products that are on sale without being listed, which no list, page or search shows", async () => {
    const product = aProduct({ title: "Zanzibar" });
    const productId = product.id;
    await catalog.createProduct({ product }, staff);
    const { product: unlisted } = await catalog.publishProduct({ productId, unlisted: true }, staff);
    expect(unlisted?.status).toBe(ProductStatus.UNLISTED);
    expect((await catalog.quoteItems({ items: [{ productId }] })).items[0]?.problem).toBe(QuoteProblem.UNSPECIFIED);
    await expect(catalog.getProduct({ productId })).rejects.toMatchObject({ reason: "PRODUCT_NOT_FOUND" });
    const listed = (await catalog.listProducts({ pageSize: 100 })).products.map(({ id }) => id);
    expect(listed).not.toContain(productId);
    await catalog.publishProduct({ productId }, staff);
    expect((await catalog.getProduct({ productId })).product?.id).toBe(productId);
    await catalog.publishProduct({ productId, unlisted: true }, staff);
    await expect(catalog.getProduct({ productId })).rejects.toMatchObject({ reason: "PRODUCT_NOT_FOUND" });
  });

  it("knows no drafts and nothing archived", async () => {
    const product = aProduct();
    const problem = async () => (await catalog.quoteItems({ items: [{ productId: product.id }] })).items[0]?.problem;
    await catalog.createProduct({ product }, staff);
    expect(await problem()).toBe(QuoteProblem.UNKNOWN_PRODUCT);
    await catalog.publishProduct({ productId: product.id }, staff);
    expect(await problem()).toBe(QuoteProblem.UNSPECIFIED);
    await catalog.archiveProduct({ productId: product.id }, staff);
    expect(await problem()).toBe(QuoteProblem.UNKNOWN_PRODUCT);
  });

  it("refuses an invalid item", async () => {
    await expect(catalog.quoteItems({ items: [] })).rejects.toMatchObject({ violations: [{ field: "items" }] });
    await expect(catalog.quoteItems({ items: [{ productId: "a b" }] })).rejects.toMatchObject({
      violations: [{ field: "items[0].productId" }],
    });
  });
});
