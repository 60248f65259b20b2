import type { Database, RowOf } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { Quote, Quotes, WantedItem } from "../ports.ts";

const QUOTE = statement(
  "quotes.quote",
  `SELECT p.title AS "productTitle", p.currency, v.sku, v.title AS "variantTitle", v.price,
    v.weight_grams AS "weightGrams", v.candidates
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS item (product_id, sku, place)
    LEFT JOIN products p ON p.id = item.product_id AND p.status IN ('published', 'unlisted')
    LEFT JOIN LATERAL (
      SELECT variants.*, count(*) OVER () AS candidates FROM variants
      WHERE product_id = p.id AND NOT archived AND (item.sku = '' OR variants.sku = item.sku)
      LIMIT 1
    ) v ON true
  ORDER BY item.place`,
);

/** Quotes from PostgreSQL, one query for all items. */
export function createQuotes(db: Database): Quotes {
  return {
    async quote(items) {
      const products = items.map(({ productId }) => productId);
      const rows = await db.query(QUOTE, [products, items.map(({ sku }) => sku)]);
      return items.map((item, index) => quoteOf(item, rows[index]));
    },
  };
}

function quoteOf({ productId, sku }: WantedItem, row: RowOf<typeof QUOTE> | undefined): Quote {
  const { productTitle, currency, variantTitle, price, weightGrams, candidates, sku: found } = row ?? {};
  if (productTitle == null || currency == null) return { productId, sku, problem: "UNKNOWN_PRODUCT" };
  if (found == null || price == null || weightGrams == null) return { productId, sku, problem: "UNKNOWN_SKU" };
  if ((candidates ?? 0n) > 1n) return { productId, sku, problem: "SKU_REQUIRED" };
  const title = variantTitle ? `${productTitle}, ${variantTitle}` : productTitle;
  return { productId, sku: found, title, unitPrice: { currency, minor: price }, weightGrams };
}
