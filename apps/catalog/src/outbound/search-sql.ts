import { statement } from "../gen/statements.ts";
import type { SearchOrder } from "../ports.ts";

/** The numbers that hits are sorted by, the least first. Equal ones go by id. */
const keys = {
  relevance: "rank::numeric",
  cheapest: "price::numeric",
  dearest: "-price::numeric",
  newest: "-extract(epoch FROM created_at)",
} satisfies Record<SearchOrder, string>;

const COLUMNS = "product_id, title, category_id, currency, prices, stocked, price_from, in_stock, created_at";

/** Lexemes of a query are written `'text':`; this inserts the fields that may contain them. */
const within = (fields: string, query: string) => `replace(${query}, ''':', ''':${fields}')::tsquery`;

/**
 * A term matches its spellings, their stems, and the words of the shop that are at most `edits` away and begin with the same
 * letter. A word of four letters is taken for misspelt only if the shop does not have it.
 */
const TERMS = `
  terms AS MATERIALIZED (
    SELECT ${within("A", "written")} AS written, ${within("AB", "spellings")} AS title,
      ${within("ABC", "spellings")} AS shown, spellings::tsquery AS anywhere, alternatives::tsquery AS misspelt,
      CASE WHEN excluded THEN '!' ELSE '' END || '(' || spellings || ')' AS plain,
      CASE WHEN excluded THEN '!' ELSE '' END || '(' || concat_ws(' | ', spellings, alternatives) || ')' AS wide, optional, excluded
    FROM jsonb_to_recordset($1::jsonb) AS term (query text, written text, stemmed text[], misspelt text, edits int,
        swapped text[], excluded boolean, optional boolean)
      CROSS JOIN LATERAL (
        SELECT concat_ws(' | ', query, string_agg(format('''%s'':', stem), ' | ')) AS spellings
        FROM unnest(stemmed) AS word, unnest(ts_lexize('english_stem', word) || ts_lexize('german_stem', word)) AS stem
      ) AS stems
      CROSS JOIN LATERAL (
        SELECT string_agg(format('''%s'':', word), ' | ') AS alternatives FROM search_words
        WHERE left(word, 1) = left(misspelt, 1) AND word <> misspelt
          AND (char_length(misspelt) > 4 OR NOT EXISTS (SELECT FROM search_words AS known WHERE known.word = misspelt))
          AND (word = ANY (swapped) OR levenshtein_less_equal(word, misspelt, edits) <= edits)
      ) AS alternatives
  ), asked AS MATERIALIZED (
    SELECT string_agg(plain, ' & ')::tsquery AS plain, string_agg(wide, ' & ')::tsquery AS wide FROM terms WHERE NOT optional
  )`;

/** The places of the query's words decide first, then the length of the title. An id or SKU is before all. */
const RANK = `title_length - 1000 * (
  CASE WHEN $2 = ANY (codes) THEN 400 WHEN document @@ asked.plain THEN 100 ELSE 0 END + (
    SELECT coalesce(avg(CASE WHEN document @@ written THEN 80 WHEN document @@ terms.title THEN 60
      WHEN document @@ shown THEN 40 WHEN document @@ anywhere THEN 20 WHEN document @@ misspelt THEN 10 ELSE 0 END), 0)::int
    FROM terms WHERE NOT excluded))`;

/** Titles that are only similar as a whole are taken if no product has the words. */
const MATCHED = `${TERMS}, found AS MATERIALIZED (
    SELECT ${COLUMNS}, ${RANK} AS rank FROM asked, search_products WHERE visible AND document @@ asked.wide
  ), matched AS (
    SELECT * FROM found
    UNION ALL
    SELECT ${COLUMNS}, -1000 * word_similarity($3, coalesce(nullif(plain_title, ''), lower(title))) FROM search_products
    WHERE visible AND $3 <> '' AND NOT EXISTS (SELECT FROM found)
      AND word_similarity($3, coalesce(nullif(plain_title, ''), lower(title))) >= 0.4
  )`;
const EVERYTHING = `matched AS (SELECT ${COLUMNS}, 0 AS rank FROM search_products WHERE visible)`;

/** Price and stock are those of the variants inside the filter. Rows of the version before know the stock of the product only. */
const OF_VARIANTS = `
  SELECT product_id, title, category_id, currency, rank, created_at, shown.* FROM matched CROSS JOIN LATERAL (
    SELECT min(price) AS price, bool_or(coalesce(is_stocked, in_stock)) AS in_stock
    FROM unnest(prices, stocked) AS variant (price, is_stocked)
    WHERE ($5::bigint IS NULL OR price >= $5) AND ($6::bigint IS NULL OR price <= $6)
      AND (NOT $7::boolean OR coalesce(is_stocked, in_stock))
  ) AS shown
  WHERE shown.price IS NOT NULL`;
const OF_PRODUCTS = `
  SELECT product_id, title, category_id, currency, rank, created_at, price_from AS price, in_stock FROM matched
  WHERE $5::bigint IS NULL AND $6::bigint IS NULL AND NOT $7::boolean`;

/** The parameters of a search's text. */
interface Form {
  readonly words: boolean;
  readonly variants: boolean;
  readonly orderBy: SearchOrder;
}

const SAMPLE = ["[]", "", "", "", null, null, false, "", null, "", 1];
const FORMS: readonly Form[] = [
  { words: true, variants: true, orderBy: "relevance" },
  { words: true, variants: false, orderBy: "cheapest" },
  { words: false, variants: true, orderBy: "dearest" },
  { words: false, variants: false, orderBy: "newest" },
];

/**
 * The query of a search: the page, the total and the counts per category in one row. With the values known, PostgreSQL leaves out the
 * branches that do not apply.
 */
export const searchStatement = statement.dynamic(
  "search.find",
  (form: Form, values: readonly unknown[]) => ({ text: searchSql(form), values }),
  FORMS.map((form) => [form, SAMPLE] as const),
  {
    columns: {
      total: "not null",
      categories: 'import("../ports.ts").SearchResult["categories"]',
      hits: 'readonly import("../outbound/search-store.ts").HitRow[]',
    },
  },
);

function searchSql(options: Form): string {
  return `
  WITH ${options.words ? MATCHED : `${EVERYTHING}, unused AS (SELECT $1::jsonb, $2::text, $3::text)`}, filtered AS MATERIALIZED (
    SELECT *, ${keys[options.orderBy]} AS key FROM (${options.variants ? OF_VARIANTS : OF_PRODUCTS}) AS shown
    WHERE $8 = '' OR currency = $8
  ), hits AS (
    SELECT * FROM filtered
    WHERE $4 = '' OR category_id IN (SELECT id FROM categories WHERE path @> ARRAY[$4])
  ), page AS (
    SELECT product_id AS "productId", title, category_id AS "categoryId", currency, price::text AS "priceFrom",
      in_stock AS "inStock", key::text
    FROM hits WHERE $9::numeric IS NULL OR (hits.key, product_id) > ($9, $10)
    ORDER BY hits.key, product_id LIMIT $11
  ), facets AS (
    SELECT ancestor AS "categoryId", sum(count)::int AS count
    FROM (SELECT category_id, count(*) FROM filtered GROUP BY category_id) AS leaf
      JOIN categories ON categories.id = leaf.category_id, unnest(path) AS ancestor
    GROUP BY ancestor ORDER BY sum(count) DESC, ancestor
  )
  SELECT (SELECT count(*)::int FROM hits) AS total,
    (SELECT coalesce(json_agg(facets), '[]') FROM facets) AS categories,
    (SELECT coalesce(json_agg(page ORDER BY page.key::numeric, "productId"), '[]') FROM page) AS hits`;
}
