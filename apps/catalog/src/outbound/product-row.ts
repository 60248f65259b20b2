import type { Product, Variant } from "../domain/product.ts";

type VariantRow = Omit<Variant, "price"> & { readonly price: string };
export type ProductRow = Omit<Product, "variants"> & { readonly variants: readonly VariantRow[] };

/** Reads whole products. JSON numbers cannot carry every amount, so prices come as text. */
export const SELECT_PRODUCTS = `
  SELECT p.id, p.title, p.description, p.category_id AS "categoryId", p.status, p.options, p.media_urls AS "mediaUrls",
    p.currency, p.version::int, p.created_at AS "createdAt", p.updated_at AS "updatedAt", v.variants
  FROM products p CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('sku', sku, 'title', title, 'optionValues', option_values,
      'price', price::text, 'weightGrams', weight_grams, 'archived', archived) ORDER BY position) AS variants
    FROM variants WHERE product_id = p.id
  ) v`;

export function productOf({ variants, ...row }: ProductRow): Product {
  return { ...row, variants: variants.map((variant) => ({ ...variant, price: BigInt(variant.price) })) };
}
