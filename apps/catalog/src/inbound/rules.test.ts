import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { violationsIn } from "@kontor/validation/testing";
import { describe, expect, it } from "vitest";

const { addVariant, createCategory, createProduct, moveVariant, quoteItems, searchProducts, setPrice, updateProduct } =
  CatalogService.method;
const price = { currency: "EUR", minor: 100n };
const variant = { sku: "A", price };
const aProduct = (overrides: object = {}) => ({
  product: { title: "Mug", categoryId: "mugs", variants: [variant], ...overrides },
});
const codesOf = (...args: Parameters<typeof violationsIn>) =>
  violationsIn(...args).map(({ field, code }) => `${field} ${code}`);

describe("the contract of the catalog", () => {
  it("accepts a product with a title of 200 characters, of any length in UTF-16", () => {
    expect(violationsIn(createProduct, aProduct())).toEqual([]);
    expect(violationsIn(createProduct, aProduct({ id: "P-1", title: "😀".repeat(200) }))).toEqual([]);
    expect(codesOf(createProduct, aProduct({ title: "😀".repeat(201) }))).toEqual(["product.title WRONG_LENGTH"]);
  });

  it.each([
    ["product.id WRONG_CHARACTERS", { id: "ä" }],
    ["product.title WRONG_LENGTH", { title: " " }],
    ["product.title LINE_BREAKS", { title: "nul\0" }],
    ["product.title NOTHING_VISIBLE", { title: "\u2800" }],
    ["product.title DIRECTION_CHARACTERS", { title: "\u202eguM" }],
    ["product.title LINE_BREAKS", { title: "two\nlines" }],
    ["product.description DIRECTION_CHARACTERS", { description: "a\u202eb" }],
    ["product.description TOO_LONG", { description: "x".repeat(10_001) }],
    ["product.categoryId WRONG_CHARACTERS", { categoryId: "Mugs" }],
    ["product.options[0] NOTHING_VISIBLE", { options: ["\u3164"] }],
    ["product.options TOO_MANY", { options: ["a", "b", "c", "d", "e", "f"] }],
    ["product.mediaUrls TOO_MANY", { mediaUrls: Array(21).fill("https://a.example/") }],
    ["product.mediaUrls[0] NOT_A_URL", { mediaUrls: ["ftp://a.example/"] }],
    ["product.variants WRONG_COUNT", { variants: [] }],
    ["product.variants[0].sku WRONG_CHARACTERS", { variants: [{ price }] }],
    ["product.variants[1].sku DUPLICATE", { variants: [variant, variant] }],
    ["product.variants[0].title TOO_LONG", { variants: [{ ...variant, title: "x".repeat(201) }] }],
    ["product.variants[0].price REQUIRED", { variants: [{ sku: "A" }] }],
    ["product.variants[0].price.currency NOT_A_CURRENCY", { variants: [{ sku: "A", price: { minor: 1n } }] }],
    ["product.variants[0].price.minor TOO_SMALL", { variants: [{ sku: "A", price: { ...price, minor: -1n } }] }],
    ["product.variants[0].weightGrams TOO_SMALL", { variants: [{ ...variant, weightGrams: -1 }] }],
  ])("refuses %s", (violation, overrides) => {
    expect(codesOf(createProduct, aProduct(overrides))).toEqual([violation]);
  });

  it("validates the fields that an update changes, and no others", () => {
    const product = { id: "P-1", title: "" };
    expect(codesOf(updateProduct, { product, updateMask: { paths: ["title"] } })).toEqual([
      "product.title WRONG_LENGTH",
    ]);
    expect(codesOf(updateProduct, { product, updateMask: { paths: ["description"] } })).toEqual([]);
    expect(
      codesOf(updateProduct, { product: { ...product, title: "Mug", categoryId: "m" }, updateMask: { paths: ["*"] } }),
    ).toEqual([]);
  });

  it("refuses prices, positions and categories that are none", () => {
    expect(codesOf(setPrice, {})).toEqual(["price REQUIRED"]);
    expect(codesOf(addVariant, {})).toEqual(["variant REQUIRED"]);
    expect(codesOf(moveVariant, { position: 101 })).toEqual(["position OUT_OF_RANGE"]);
    expect(codesOf(createCategory, { category: { id: "Mugs", name: "\u200b", parentId: "Ä" } })).toEqual([
      "category.id WRONG_CHARACTERS",
      "category.name NOTHING_VISIBLE",
      "category.parentId WRONG_CHARACTERS",
    ]);
    expect(codesOf(createCategory, { category: { id: "mugs", name: "Mugs", parentId: "" } })).toEqual([]);
  });

  it("refuses filters and items that are none", () => {
    expect(codesOf(searchProducts, { q: "x".repeat(201), categoryId: "Ä", minPrice: -1n, currency: "eur" })).toEqual([
      "q TOO_LONG",
      "categoryId WRONG_CHARACTERS",
      "minPrice TOO_SMALL",
      "currency NOT_A_CURRENCY",
    ]);
    expect(codesOf(quoteItems, {})).toEqual(["items WRONG_COUNT"]);
    expect(codesOf(quoteItems, { items: [{ productId: "P", sku: "" }, { sku: " " }] })).toEqual([
      "items[1].productId WRONG_CHARACTERS",
      "items[1].sku WRONG_CHARACTERS",
    ]);
  });
});
