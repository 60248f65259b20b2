import type { Database, Sql } from "@kontor/postgres";
import { isId } from "../domain/checks.ts";
import { catalogErrors } from "../domain/errors.ts";
import type { Product } from "../domain/product.ts";
import type { Products } from "../ports.ts";
import { type ProductRow, productOf, SELECT_PRODUCTS } from "./product-row.ts";
import { insertProduct, updateProduct } from "./product-writes.ts";

const GET = `${SELECT_PRODUCTS} WHERE p.id = $1`;
const GET_PUBLISHED = `${GET} AND p.status = 'published'`;
const LIST_PUBLISHED = `${SELECT_PRODUCTS} WHERE p.status = 'published' AND p.id > $1 ORDER BY p.id LIMIT $2`;
const LIST_OF_CATEGORY = `${SELECT_PRODUCTS}
  WHERE p.status = 'published' AND p.id > $1
    AND p.category_id IN (SELECT c.id FROM categories c WHERE c.path @> ARRAY[$3])
  ORDER BY p.id LIMIT $2`;
const LIST_ANY = `${SELECT_PRODUCTS}
  WHERE ($1::text IS NULL OR p.status = $1)
    AND ($2 = '' OR p.category_id IN (SELECT c.id FROM categories c WHERE c.path @> ARRAY[$2]))
    AND ($3 = '' OR strpos(lower(p.id), lower($3)) > 0 OR strpos(lower(p.title), lower($3)) > 0
      OR EXISTS (SELECT FROM variants WHERE product_id = p.id AND strpos(lower(sku), lower($3)) > 0))`;
const ANY_BY_ID = `${LIST_ANY} AND ($4::timestamptz IS NULL OR p.id > $5) ORDER BY p.id LIMIT $6`;
const ANY_LAST_CHANGED = `${LIST_ANY}
  AND ($4::timestamptz IS NULL OR (p.updated_at, p.id) < ($4, $5)) ORDER BY p.updated_at DESC, p.id DESC LIMIT $6`;
// Apart from the read: a query that waits for a lock would see the variants as they were before the wait.
const LOCK = "SELECT id FROM products WHERE id = $1 FOR NO KEY UPDATE";
const GET_HASH = `SELECT content_hash AS "contentHash" FROM products WHERE id = $1`;

/** Products in PostgreSQL. */
export function createProductStore(db: Database): Products {
  async function get(sql: Sql, text: string, name: string, productId: string): Promise<Product> {
    const [row] = isId(productId) ? await sql.query<ProductRow>(text, [productId], { name }) : [];
    if (row === undefined) throw catalogErrors.PRODUCT_NOT_FOUND({ productId });
    return productOf(row);
  }
  const list = async (text: string, values: readonly unknown[], name: string) => {
    return (await db.query<ProductRow>(text, values, { name })).map(productOf);
  };

  return {
    create: (product, contentHash) =>
      db.transaction(async (tx) => {
        if (await insertProduct(tx, product, contentHash)) return product;
        const [known] = await tx.query<{ contentHash: Buffer }>(GET_HASH, [product.id]);
        if (!known?.contentHash.equals(contentHash)) throw catalogErrors.PRODUCT_EXISTS({ productId: product.id });
        return get(tx, GET, "products.get", product.id);
      }),

    change: (productId, decide) =>
      db.transaction(async (tx) => {
        if (isId(productId)) await tx.query(LOCK, [productId], { name: "products.lock" });
        const before = await get(tx, GET, "products.get", productId);
        const after = decide(before);
        if (after !== before) await updateProduct(tx, before, after);
        return after;
      }),

    get: (productId) => get(db, GET, "products.get", productId),
    getPublished: (productId) => get(db, GET_PUBLISHED, "products.get-published", productId),
    listPublished: ({ categoryId, after, limit }) =>
      categoryId === ""
        ? list(LIST_PUBLISHED, [after, limit], "products.list-published")
        : list(LIST_OF_CATEGORY, [after, limit, categoryId], "products.list-of-category"),
    listAny: async ({ status, categoryId, text, lastChangedFirst, after, limit }) => {
      const values = [status ?? null, categoryId, text, after?.updatedAt ?? null, after?.id ?? "", limit];
      // Not a named statement: with the values known, PostgreSQL leaves out the filters that do not apply.
      const rows = await db.query<ProductRow>(lastChangedFirst ? ANY_LAST_CHANGED : ANY_BY_ID, values);
      return rows.map(productOf);
    },
  };
}
