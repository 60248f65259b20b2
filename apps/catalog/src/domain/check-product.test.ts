import { describe, expect, it } from "vitest";
import { contentOf, type ProposedProduct } from "./check-product.ts";

const price = { currency: "EUR", minor: 100n };
const variant = { sku: "A", title: "", optionValues: {}, price, weightGrams: 0 };

function aProposal(overrides: Partial<ProposedProduct> = {}): ProposedProduct {
  const texts = { id: "P", title: "Mug", description: "", categoryId: "mugs" };
  return { ...texts, mediaUrls: [], options: [], variants: [variant], ...overrides };
}

describe("a proposed product", () => {
  it("has one currency", () => {
    expect(contentOf(aProposal())).toMatchObject({ currency: "EUR", variants: [{ price: 100n }] });
  });

  it("may leave its id to the server", () => {
    expect(() => contentOf(aProposal({ id: "" }))).not.toThrow();
  });

  it("may have a title of 200 characters, whatever each takes in UTF-16", () => {
    expect(() => contentOf(aProposal({ title: "😀".repeat(200) }))).not.toThrow();
    expect(() => contentOf(aProposal({ title: "😀".repeat(201) }))).toThrow();
  });

  it.each<[string, Partial<ProposedProduct>]>([
    ["product.id", { id: "ä" }],
    ["product.title", { title: "x".repeat(201) }],
    ["product.title", { title: "nul\0" }],
    ["product.title", { title: "\u200b" }],
    ["product.title", { title: "\u202eguM" }],
    ["product.title", { title: "two\nlines" }],
    ["product.description", { description: "a\u202eb" }],
    ["product.options[0]", { options: ["\u3164"], variants: [] }],
    ["product.variants[0].title", { variants: [{ ...variant, title: "\u2060" }] }],
    [
      "product.variants[0].optionValues.size",
      { options: ["size"], variants: [{ ...variant, optionValues: { size: "\u00ad" } }] },
    ],
    ["product.description", { description: "x".repeat(10_001) }],
    ["product.categoryId", { categoryId: "Mugs" }],
    ["product.mediaUrls", { mediaUrls: Array(21).fill("https://a.example/") }],
    ["product.mediaUrls[0]", { mediaUrls: ["ftp://a.example/"] }],
    ["product.options", { options: ["a", "b", "c", "d", "e", "f"], variants: [] }],
    ["product.options[1]", { options: ["size", "size"], variants: [{ ...variant, optionValues: { size: "L" } }] }],
    ["product.variants", { variants: [] }],
    ["product.variants[0].sku", { variants: [{ ...variant, sku: "" }] }],
    ["product.variants[0].optionValues.size", { options: ["size"] }],
    ["product.variants[0].optionValues.constructor", { options: ["constructor"] }],
    ["product.variants[0].price.currency", { variants: [{ ...variant, price: { currency: "", minor: 0n } }] }],
    ["product.variants[0].weightGrams", { variants: [{ ...variant, weightGrams: -1 }] }],
  ])("is refused for %s", (field, overrides) => {
    const violations = expect.arrayContaining([expect.objectContaining({ field })]);
    expect(() => contentOf(aProposal(overrides))).toThrow(expect.objectContaining({ violations }));
  });

  it("cannot have two variants with the same options", () => {
    const variants = ["A", "B"].map((sku) => ({ ...variant, sku, optionValues: { size: "L" } }));
    expect(() => contentOf(aProposal({ options: ["size"], variants }))).toThrow("optionValues: Must not occur twice.");
  });
});
