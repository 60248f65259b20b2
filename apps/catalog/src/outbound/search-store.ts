import type { Database } from "@kontor/postgres";
import type { Search, SearchHit, SearchOrder, SearchResult } from "../ports.ts";
import { searchWords } from "./search-words.ts";

type HitRow = Omit<SearchHit, "priceFrom"> & { readonly priceFrom: string; readonly currency: string };
type ResultRow = Omit<SearchResult, "hits"> & { readonly hits: readonly HitRow[] };

/** The numbers that hits are sorted by, the least first. Equal ones go by id. */
const keys = {
  relevance: "-rank::numeric",
  cheapest: "price_from::numeric",
  dearest: "-price_from::numeric",
  newest: "-extract(epoch FROM created_at)",
} satisfies Record<SearchOrder, string>;

const COLUMNS = "product_id, title, category_id, category_path, currency, prices, price_from, in_stock, created_at";

// Only words that nothing matches at all are taken for misspelt ones.
const searchBy = (key: string) => `
  WITH asked AS (
    SELECT websearch_to_tsquery('english', $1) || websearch_to_tsquery('simple', $1) || (
      (websearch_to_tsquery('english', $2) || websearch_to_tsquery('simple', $2)) && to_tsquery('simple', $3)
    ) AS query
  ), exact AS MATERIALIZED (
    SELECT ${COLUMNS}, ts_rank(document, query) AS rank FROM search_products, asked
    WHERE $1 <> '' AND visible AND document @@ query
  ), matched AS (
    SELECT * FROM exact
    UNION ALL
    SELECT ${COLUMNS}, word_similarity($1, title) FROM search_products
    WHERE $1 <> '' AND visible AND NOT EXISTS (SELECT FROM exact) AND word_similarity($1, title) >= 0.4
    UNION ALL
    SELECT ${COLUMNS}, 0 FROM search_products WHERE $1 = '' AND visible
  ), filtered AS MATERIALIZED (
    SELECT *, ${key} AS key FROM matched
    WHERE (NOT $7::boolean OR in_stock) AND ($5::bigint IS NULL AND $6::bigint IS NULL OR EXISTS (
      SELECT FROM unnest(prices) AS price WHERE ($5 IS NULL OR price >= $5) AND ($6 IS NULL OR price <= $6)))
  ), hits AS (
    SELECT * FROM filtered WHERE $4 = '' OR category_path @> ARRAY[$4]
  ), page AS (
    SELECT product_id AS "productId", title, category_id AS "categoryId", currency, price_from::text AS "priceFrom",
      in_stock AS "inStock", key::text
    FROM hits WHERE $8::numeric IS NULL OR (hits.key, product_id) > ($8, $9)
    ORDER BY hits.key, product_id LIMIT $10
  ), facets AS (
    SELECT category_id AS "categoryId", count(*)::int FROM filtered
    GROUP BY category_id ORDER BY count(*) DESC, category_id LIMIT 50
  )
  SELECT (SELECT count(*)::int FROM hits) AS total,
    (SELECT coalesce(json_agg(facets), '[]') FROM facets) AS categories,
    (SELECT coalesce(json_agg(page ORDER BY page.key::numeric, "productId"), '[]') FROM page) AS hits`;

/** Search in PostgreSQL, one query for the page, the total and the counts. */
export function createSearch(db: Database): Search {
  return {
    async search({ words, categoryId, minPrice, maxPrice, inStock, orderBy, after, limit }) {
      const { whole, before, prefix } = searchWords(words);
      const filters = [categoryId, minPrice ?? null, maxPrice ?? null, inStock];
      const values = [whole, before, prefix, ...filters, after?.key ?? null, after?.productId ?? "", limit];
      // Not a named statement: with the values known, PostgreSQL leaves out the branches that do not apply.
      const [row] = await db.query<ResultRow>(searchBy(keys[orderBy]), values);
      if (row === undefined) throw new Error("A search without a result row.");
      return { ...row, hits: row.hits.map(hitOf) };
    },
  };
}

function hitOf({ currency, priceFrom, ...hit }: HitRow): SearchHit {
  return { ...hit, priceFrom: { currency, minor: BigInt(priceFrom) } };
}
