import type { RowOf } from "@kontor/postgres";
import type { Product, Variant } from "../domain/product.ts";
import { statement } from "../gen/statements.ts";

/** A variant as JSON has it. */
export type VariantRow = Omit<Variant, "price"> & { readonly price: string };

/** Reads whole products. JSON numbers cannot carry every amount, so prices come as text. */
export const SELECT_PRODUCTS = `SELECT p.id, p.title, p.description, p.category_id AS "categoryId", p.status, p.options, p.media_urls AS "mediaUrls",
    p.currency, p.version::int, p.created_at AS "createdAt", p.updated_at AS "updatedAt", v.variants
  FROM products p CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('sku', sku, 'title', title, 'optionValues', option_values,
      'price', price::text, 'weightGrams', weight_grams, 'archived', archived) ORDER BY position) AS variants
    FROM variants WHERE product_id = p.id
  ) v`;

/** The declaration of a statement that begins with {@link SELECT_PRODUCTS}. */
export const PRODUCT = { variants: 'import("../outbound/product-row.ts").VariantRow[]' } as const;

export const GET = statement("products.get", `${SELECT_PRODUCTS} WHERE p.id = $1`, { columns: PRODUCT });

export function productOf({ variants, ...row }: RowOf<typeof GET>): Product {
  return { ...row, variants: variants.map((variant) => ({ ...variant, price: BigInt(variant.price) })) };
}
