import type { Database } from "@kontor/postgres";
import type { Quote, Quotes, WantedItem } from "../ports.ts";

type QuoteRow = {
  readonly productTitle: string | null;
  readonly currency: string;
  readonly sku: string | null;
  readonly variantTitle: string;
  readonly price: bigint;
  readonly weightGrams: number;
  readonly candidates: bigint;
};

const QUOTE = `
  SELECT p.title AS "productTitle", p.currency, v.sku, v.title AS "variantTitle", v.price,
    v.weight_grams AS "weightGrams", v.candidates
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS item (product_id, sku, place)
    LEFT JOIN products p ON p.id = item.product_id AND p.status IN ('published', 'unlisted')
    LEFT JOIN LATERAL (
      SELECT variants.*, count(*) OVER () AS candidates FROM variants
      WHERE product_id = p.id AND NOT archived AND (item.sku = '' OR variants.sku = item.sku)
      LIMIT 1
    ) v ON true
  ORDER BY item.place`;

/** Quotes from PostgreSQL, one query for all items. */
export function createQuotes(db: Database): Quotes {
  return {
    async quote(items) {
      const values = [items.map(({ productId }) => productId), items.map(({ sku }) => sku)];
      const rows = await db.query<QuoteRow>(QUOTE, values, { name: "quotes.quote" });
      return items.map((item, index) => quoteOf(item, rows[index]));
    },
  };
}

function quoteOf({ productId, sku }: WantedItem, row: QuoteRow | undefined): Quote {
  if (row === undefined || row.productTitle === null) return { productId, sku, problem: "UNKNOWN_PRODUCT" };
  if (row.sku === null) return { productId, sku, problem: "UNKNOWN_SKU" };
  if (row.candidates > 1n) return { productId, sku, problem: "SKU_REQUIRED" };
  const title = row.variantTitle === "" ? row.productTitle : `${row.productTitle}, ${row.variantTitle}`;
  const unitPrice = { currency: row.currency, minor: row.price };
  return { productId, sku: row.sku, title, unitPrice, weightGrams: row.weightGrams };
}
