import { draft, type Product, type ProductContent, type Variant } from "../src/domain/product.ts";

/** When the products of tests were created. */
export const at = new Date("2026-11-21T10:00:00.000Z");

/** Returns a variant for 12.00 with that SKU. */
export function aVariant(sku: string, overrides: Partial<Variant> = {}): Variant {
  return { sku, title: "", optionValues: {}, price: 1200n, weightGrams: 280, archived: false, ...overrides };
}

/** Returns a draft with one variant, whose SKU is the id, in the category `mugs`. */
export function aDraft(id: string, overrides: Partial<ProductContent> = {}): Product {
  const content: ProductContent = {
    ...{ title: "Enamel mug", description: "Steel.", categoryId: "mugs", mediaUrls: [], options: [], currency: "EUR" },
    ...{ variants: [aVariant(id)], ...overrides },
  };
  return draft(id, content, at);
}
