import { createHash, randomUUIDv7 } from "node:crypto";
import { contentOf, type ProposedProduct } from "../domain/check-product.ts";
import { draft, type Product, type ProductContent } from "../domain/product.ts";
import type { Products } from "../ports.ts";

/** Adds a product as a draft. An import that repeats its ids and contents changes nothing. */
export function createProduct({ products, now }: { products: Pick<Products, "create">; now: () => Date }) {
  return (proposal: ProposedProduct): Promise<Product> => {
    const content = contentOf(proposal);
    return products.create(draft(proposal.id || randomUUIDv7(), content, now()), hashOf(content));
  };
}

/** Recognises the same content, also after later changes of the product. */
function hashOf({ variants, ...content }: ProductContent): Buffer {
  const canonical = variants.map(({ optionValues, price, archived: _, ...variant }) => {
    return { ...variant, price: price.toString(), values: content.options.map((option) => optionValues[option]) };
  });
  return createHash("sha256")
    .update(JSON.stringify([content, canonical]))
    .digest();
}
