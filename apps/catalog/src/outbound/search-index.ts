import type { SearchIndex } from "../ports.ts";

// Locks the stock of all variants, so that none of it changes before the product is kept.
const CLAIM_STOCK = `
  INSERT INTO search_stock (sku, product_id) SELECT sku, $1 FROM unnest($2::text[]) AS sku ORDER BY sku
  ON CONFLICT (sku) DO UPDATE SET product_id = excluded.product_id`;
const KEEP_PRODUCT = `
  INSERT INTO search_products (product_id, version, visible, title, document, category_id, category_path, currency,
    prices, price_from, in_stock, created_at)
  SELECT $1, $2, $3, $4,
    setweight(to_tsvector('english', $4) || to_tsvector('simple', $4), 'A')
      || setweight(to_tsvector('english', $5) || to_tsvector('simple', $5), 'B'),
    $6, coalesce((SELECT path FROM categories WHERE id = $6), ARRAY[$6]), $7,
    $8::bigint[], (SELECT min(price) FROM unnest($8::bigint[]) AS price),
    EXISTS (SELECT FROM search_stock WHERE product_id = $1 AND available > 0), $9
  ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, visible = excluded.visible,
    title = excluded.title, document = excluded.document, category_id = excluded.category_id,
    category_path = excluded.category_path, currency = excluded.currency, prices = excluded.prices,
    price_from = excluded.price_from, in_stock = excluded.in_stock, created_at = excluded.created_at
  WHERE search_products.version <= excluded.version`;
const KEEP_STOCK = `
  INSERT INTO search_stock (sku, available, version) VALUES ($1, $2, $3)
  ON CONFLICT (sku) DO UPDATE SET available = excluded.available, version = excluded.version
  WHERE search_stock.version < excluded.version
  RETURNING product_id AS "productId"`;
// A statement of its own: the next one then sees what others did to the stock of the product while this one waited.
const LOCK_PRODUCT = "SELECT FROM search_products WHERE product_id = $1 FOR NO KEY UPDATE";
const SHOW_STOCK = `
  UPDATE search_products SET in_stock = NOT in_stock
  WHERE product_id = $1 AND in_stock <> EXISTS (SELECT FROM search_stock WHERE product_id = $1 AND available > 0)`;

/** The tables of search. Every writer locks stock before products, so writers cannot wait for each other in a ring. */
export const searchIndex: SearchIndex = {
  async keepProduct(tx, { productId, variants, ...entry }) {
    const { version, visible, title, description, categoryId, currency, createdAt } = entry;
    await tx.query(CLAIM_STOCK, [productId, variants.map(({ sku }) => sku)], { name: "search.claim-stock" });
    const prices = variants.map(({ price }) => price);
    const values = [productId, version, visible, title, description, categoryId, currency, prices, createdAt];
    await tx.query(KEEP_PRODUCT, values, { name: "search.keep-product" });
  },

  async keepStock(tx, { sku, available, version }) {
    const rows = await tx.query<{ productId: string | null }>(KEEP_STOCK, [sku, available, version], {
      name: "search.keep-stock",
    });
    const productId = rows[0]?.productId ?? undefined;
    if (productId === undefined) return;
    await tx.query(LOCK_PRODUCT, [productId], { name: "search.lock-product" });
    await tx.query(SHOW_STOCK, [productId], { name: "search.show-stock" });
  },
};
