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

  it.each<[string, Partial<ProposedProduct>]>([
    [
      "product.variants[0].optionValues.size",
      { options: ["size"], variants: [{ ...variant, optionValues: { size: "\u00ad" } }] },
    ],
    ["product.options[1]", { options: ["size", "size"], variants: [{ ...variant, optionValues: { size: "L" } }] }],
    ["product.variants[0].optionValues.size", { options: ["size"] }],
    ["product.variants[0].optionValues.constructor", { options: ["constructor"] }],
    ["product.variants[0].optionValues.size", { variants: [{ ...variant, optionValues: { size: "L" } }] }],
    [
      "product.variants[1].price.currency",
      { variants: [variant, { ...variant, sku: "B", price: { currency: "USD", minor: 0n } }] },
    ],
  ])("is refused for %s", (field, overrides) => {
    const violations = expect.arrayContaining([expect.objectContaining({ field })]);
    expect(() => contentOf(aProposal(overrides))).toThrow(expect.objectContaining({ violations }));
  });

  it("cannot have two variants with the same options", () => {
    const variants = ["A", "B"].map((sku) => ({ ...variant, sku, optionValues: { size: "L" } }));
    expect(() => contentOf(aProposal({ options: ["size"], variants }))).toThrow("optionValues: Must not occur twice.");
  });
});
