import type { Tx } from "@kontor/postgres";
import { documentOf } from "../domain/search-document.ts";
import { statement } from "../gen/statements.ts";
import type { SearchIndex } from "../ports.ts";

/** Grows with every change of a document's form. The service then indexes all products again. */
export const INDEX_FORMAT = 1;

// Locks the stock of all variants, so that none of it changes before the product is stored.
const CLAIM_STOCK = statement(
  "search.claim-stock",
  `INSERT INTO search_stock (sku, product_id) SELECT sku, $1 FROM unnest($2::text[]) AS sku ORDER BY sku
  ON CONFLICT (sku) DO UPDATE SET product_id = excluded.product_id`,
);
const STEMS = "ts_lexize('english_stem', text) || ts_lexize('german_stem', text)";
const ADD_WORDS = statement(
  "search.add-words",
  `INSERT INTO search_words (word)
  SELECT DISTINCT word FROM unnest($1::text[]) AS text, unnest(ARRAY[text] || ${STEMS}) AS word
  WHERE char_length(word) >= 4 ORDER BY word
  ON CONFLICT DO NOTHING`,
);
// The stem of a word in a title is not how the word is written.
const STORE_PRODUCT = statement(
  "search.store-product",
  `WITH lexeme AS (
    SELECT text, place, field FROM unnest($4::text[], $5::int[], $6::text[]) AS lexeme (text, place, field)
  ), document AS (
    SELECT coalesce(string_agg(format('''%s'':%s%s', text, place, field), ' '), '')::tsvector AS document FROM (
      SELECT text, place, field FROM lexeme
      UNION
      SELECT stem, place, replace(field, 'A', 'B') FROM lexeme, unnest(${STEMS}) AS stem
    ) AS spelling
  ), variant AS (
    SELECT array_agg(sku ORDER BY place) AS skus, array_agg(price ORDER BY place) AS prices, min(price) AS price_from,
      array_agg(coalesce(available, 0) > 0 ORDER BY place) AS stocked
    FROM unnest($7::text[], $8::bigint[]) WITH ORDINALITY AS variant (sku, price, place) LEFT JOIN search_stock USING (sku)
  )
  INSERT INTO search_products (product_id, version, indexed_version, index_format, visible, document, skus, prices,
    price_from, stocked, in_stock, title, plain_title, title_length, codes, category_id, category_path, currency, created_at)
  SELECT $1, $2, $2, ${INDEX_FORMAT}, $3, document, skus, prices, price_from, stocked, true = ANY (stocked),
    $9, $10, $11, $12::text[], $13, coalesce((SELECT path FROM categories WHERE id = $13), ARRAY[$13]), $14, $15
  FROM document, variant
  ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, indexed_version = excluded.indexed_version,
    index_format = excluded.index_format, visible = excluded.visible, document = excluded.document, skus = excluded.skus,
    prices = excluded.prices, price_from = excluded.price_from, stocked = excluded.stocked,
    in_stock = excluded.in_stock, title = excluded.title, plain_title = excluded.plain_title,
    title_length = excluded.title_length, codes = excluded.codes, category_id = excluded.category_id,
    category_path = excluded.category_path, currency = excluded.currency, created_at = excluded.created_at
  WHERE search_products.version <= excluded.version`,
);
const STORE_STOCK = statement(
  "search.store-stock",
  `INSERT INTO search_stock AS stored (sku, available, version)
  SELECT DISTINCT ON (sku) sku, available, version
  FROM unnest($1::text[], $2::int[], $3::int[]) AS changed (sku, available, version) ORDER BY sku, version DESC
  ON CONFLICT (sku) DO UPDATE SET available = excluded.available, version = excluded.version
  WHERE stored.version < excluded.version
  RETURNING new.product_id AS "productId", (coalesce(old.available, 0) > 0) <> (new.available > 0) AS shown`,
  { columns: { productId: "search_stock.product_id", shown: "not null" } },
);
// A separate statement: the next one then sees changes of the product's stock that committed while this one waited.
const LOCK_PRODUCTS = statement(
  "search.lock-products",
  "SELECT FROM search_products WHERE product_id = ANY ($1) ORDER BY product_id FOR NO KEY UPDATE",
);
const STOCKED = `
  SELECT coalesce(array_agg(coalesce(available, 0) > 0 ORDER BY place), '{}')
  FROM unnest(skus) WITH ORDINALITY AS variant (sku, place) LEFT JOIN search_stock USING (sku)`;
const SHOW_STOCK = statement(
  "search.show-stock",
  `UPDATE search_products SET stocked = stock.stocked, in_stock = stock.in_stock
  FROM (
    SELECT product_id, (${STOCKED}) AS stocked,
      EXISTS (SELECT FROM search_stock s WHERE s.product_id = shown.product_id AND available > 0) AS in_stock
    FROM search_products shown WHERE product_id = ANY ($1)
  ) AS stock
  WHERE search_products.product_id = stock.product_id
    AND (search_products.stocked <> stock.stocked OR search_products.in_stock <> stock.in_stock)`,
);
const OUTDATED = statement(
  "search.outdated",
  `SELECT id FROM products LEFT JOIN search_products ON product_id = id
  WHERE id > $1 AND (product_id IS NULL OR indexed_version <> search_products.version OR index_format < ${INDEX_FORMAT})
  ORDER BY id LIMIT $2`,
  { prepared: false },
);
const OVERWRITTEN = statement(
  "search.overwritten",
  `SELECT product_id AS id FROM search_products
  WHERE product_id > $1 AND indexed_version <> version ORDER BY product_id LIMIT $2`,
  { prepared: false },
);
const MISCOUNTED = statement(
  "search.miscounted",
  `SELECT product_id AS id FROM search_products
  WHERE product_id > $1 AND skus <> '{}' AND stocked <> (${STOCKED}) ORDER BY product_id LIMIT $2`,
  { prepared: false },
);
const COUNT = statement("search.count", "SELECT count(*)::int AS count FROM products", { prepared: false });

const stale = { all: OUTDATED, overwritten: OVERWRITTEN, stock: MISCOUNTED } as const;

/** The tables of search. Every writer locks stock, then words, then products, so that writers do not deadlock. */
export const searchIndex: SearchIndex = {
  async storeProduct(tx, entry) {
    const { productId, version, visible, title, categoryId, currency, variants, createdAt } = entry;
    const { lexemes, codes, plainTitle, titleLength, vocabulary } = documentOf(entry);
    const skus = variants.map(({ sku }) => sku);
    await tx.query(CLAIM_STOCK, [productId, skus]);
    if (visible) await tx.query(ADD_WORDS, [vocabulary]);
    const texts = lexemes.map(({ text }) => text);
    const places = lexemes.map(({ position }) => position);
    const fields = lexemes.map(({ field }) => field);
    const prices = variants.map(({ price }) => price);
    const document = [texts, places, fields, skus, prices, title, plainTitle, titleLength] as const;
    const rest = [codes, categoryId, currency, createdAt] as const;
    await tx.query(STORE_PRODUCT, [productId, version, visible, ...document, ...rest]);
  },

  async storeStock(tx, changes) {
    const columns = [changes.map(({ sku }) => sku), changes.map(({ available }) => available)] as const;
    const rows = await tx.query(STORE_STOCK, [...columns, changes.map(({ version }) => version)]);
    await showStock(
      tx,
      rows.flatMap(({ productId, shown }) => (shown ? (productId ?? []) : [])),
    );
  },

  showStock,

  async stale(sql, kind, { after, limit }) {
    return (await sql.query(stale[kind], [after, limit])).map(({ id }) => id);
  },

  async count(sql) {
    const [row] = await sql.query(COUNT);
    return row?.count ?? 0;
  },
};

/** Products show which variants are in stock, not how many, so few changes of stock change them. */
async function showStock(tx: Tx, productIds: readonly string[]): Promise<void> {
  if (productIds.length === 0) return;
  await tx.query(LOCK_PRODUCTS, [productIds]);
  await tx.query(SHOW_STOCK, [productIds]);
}
