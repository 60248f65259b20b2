import { describe, expect, it } from "vitest";
import { readSeedData } from "./seed-data.ts";

describe("the assortment of the example shop", () => {
  const { data } = readSeedData();
  const variants = data.products.flatMap((product) => product.variants);
  const stockOf = (sku: string) =>
    Object.values(variants.find((variant) => variant.sku === sku)?.stock ?? {}).reduce((sum, units) => sum + units, 0);

  it("has at least 200 products in at least 10 categories, in stock at two locations", () => {
    expect(data.products.length).toBeGreaterThanOrEqual(200);
    expect(new Set(data.products.map((product) => product.categoryId)).size).toBeGreaterThanOrEqual(10);
    expect(data.locations.map((location) => location.id)).toEqual(["BER", "LYS"]);
  });

  it("names every product and every variant once", () => {
    expect(new Set(data.products.map((product) => product.id)).size).toBe(data.products.length);
    expect(new Set(variants.map((variant) => variant.sku)).size).toBe(variants.length);
  });

  it("has the products that the documentation orders, a scarce one and a sold-out one", () => {
    expect(variants.find((variant) => variant.sku === "P-101")?.price).toBe(1200);
    expect(stockOf("P-101")).toBeGreaterThan(10_000);
    expect(stockOf("P-199")).toBe(1);
    expect(stockOf("P-198")).toBe(0);
  });
});
