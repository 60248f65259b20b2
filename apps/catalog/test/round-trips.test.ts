import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import {
  CategorySchema,
  type Product,
  ProductSchema,
  ProductStatus,
  VariantSchema,
} from "@kontor/shop/contracts/catalog/v1/product";
import { testRoundTrip, updateMethods } from "@kontor/testing/round-trip";
import { afterAll, beforeAll, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, staff } = shop;
const { id, ...product } = aProduct();
const { updateCategory, updateProduct, updateVariant } = CatalogService.method;
const maskOf = (paths: string[] | undefined) => (paths === undefined ? {} : { updateMask: { paths } });

beforeAll(async () => {
  const variants = ["S", "M"].map((size, n) => {
    return { sku: `${id}-${size}`, optionValues: { size }, price: { currency: "EUR", minor: BigInt(900 + n) } };
  });
  await shop.sell({ ...product, id, options: ["size"], variants, mediaUrls: ["https://a.example/1.jpg"] });
  await catalog.archiveVariant({ productId: id, sku: `${id}-M` }, staff);
});
afterAll(() => shop.stop());

it("there is a test for each update RPC", () => {
  expect(updateMethods(CatalogService)).toEqual([updateCategory, updateProduct, updateVariant]);
});

testRoundTrip({
  method: updateCategory,
  of: "a category",
  schema: CategorySchema,
  read: async () => (await catalog.listAnyCategories({}, staff)).categories.find((one) => one.id === "mugs"),
  send: (category, paths) => catalog.updateCategory({ category, ...maskOf(paths) }, staff),
  change: { name: "Cups" },
  refused: { archived: true },
});

const products = {
  method: updateProduct,
  schema: ProductSchema,
  send: (sent: Product, paths: string[] | undefined) =>
    catalog.updateProduct({ product: sent, ...maskOf(paths) }, staff),
};

testRoundTrip({
  ...products,
  of: "a product as staff read it",
  read: async () => (await catalog.getAnyProduct({ productId: id }, staff)).product,
  change: { title: "Changed" },
  refused: { options: ["colour"], status: ProductStatus.ARCHIVED },
});

testRoundTrip({
  ...products,
  of: "a product as shoppers read it, without archived variants",
  read: async () => (await catalog.getProduct({ productId: id })).product,
  change: { description: "Changed." },
  refused: { status: ProductStatus.DRAFT },
});

for (const [place, archived] of [false, true].entries())
  testRoundTrip({
    method: updateVariant,
    of: archived ? "an archived variant" : "a variant",
    schema: VariantSchema,
    read: async () => (await catalog.getAnyProduct({ productId: id }, staff)).product?.variants[place],
    send: (variant, paths) => catalog.updateVariant({ productId: id, variant, ...maskOf(paths) }, staff),
    change: { weightGrams: 5 },
    ...(!archived && { refused: { archived: true } }),
  });
