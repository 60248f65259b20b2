import type { Database, Sql } from "@kontor/postgres";
import { isId } from "../domain/checks.ts";
import { catalogErrors } from "../domain/errors.ts";
import type { Product } from "../domain/product.ts";
import { statement } from "../gen/statements.ts";
import type { Products } from "../ports.ts";
import { GET, PRODUCT, productOf, SELECT_PRODUCTS } from "./product-row.ts";
import { insertProduct, updateProduct } from "./product-writes.ts";

const columns = PRODUCT;
const GET_PUBLISHED = statement(
  "products.get-published",
  `${SELECT_PRODUCTS} WHERE p.id = $1 AND p.status = 'published'`,
  { columns },
);
const LIST_PUBLISHED = statement(
  "products.list-published",
  `${SELECT_PRODUCTS} WHERE p.status = 'published' AND p.id > $1 ORDER BY p.id LIMIT $2`,
  { columns },
);
const LIST_OF_CATEGORY = statement(
  "products.list-of-category",
  `${SELECT_PRODUCTS}
  WHERE p.status = 'published' AND p.id > $1
    AND p.category_id IN (SELECT c.id FROM categories c WHERE c.path @> ARRAY[$3])
  ORDER BY p.id LIMIT $2`,
  { columns },
);
const LIST_ANY = `${SELECT_PRODUCTS}
  WHERE ($1::text IS NULL OR p.status = $1)
    AND ($2 = '' OR p.category_id IN (SELECT c.id FROM categories c WHERE c.path @> ARRAY[$2]))
    AND ($3 = '' OR strpos(lower(p.id), lower($3)) > 0 OR strpos(lower(p.title), lower($3)) > 0
      OR EXISTS (SELECT FROM variants WHERE product_id = p.id AND strpos(lower(sku), lower($3)) > 0))`;
// Not prepared: with the values known, PostgreSQL leaves out the filters that do not apply.
const ANY_BY_ID = statement(
  "products.any-by-id",
  `${LIST_ANY} AND ($4::timestamptz IS NULL OR p.id > $5) ORDER BY p.id LIMIT $6`,
  { prepared: false, columns },
);
const ANY_LAST_CHANGED = statement(
  "products.any-last-changed",
  `${LIST_ANY}
  AND ($4::timestamptz IS NULL OR (p.updated_at, p.id) < ($4, $5)) ORDER BY p.updated_at DESC, p.id DESC LIMIT $6`,
  { prepared: false, columns },
);
// Apart from the read: a query that waits for a lock would see the variants as they were before the wait.
const LOCK = statement("products.lock", "SELECT id FROM products WHERE id = $1 FOR NO KEY UPDATE");
const GET_HASH = statement("products.get-hash", `SELECT content_hash AS "contentHash" FROM products WHERE id = $1`, {
  prepared: false,
});

/** Products in PostgreSQL. */
export function createProductStore(db: Database): Products {
  async function get(sql: Sql, one: typeof GET | typeof GET_PUBLISHED, productId: string): Promise<Product> {
    const [row] = isId(productId) ? await sql.query(one, [productId]) : [];
    if (row === undefined) throw catalogErrors.PRODUCT_NOT_FOUND({ productId });
    return productOf(row);
  }

  return {
    create: (product, contentHash) =>
      db.transaction(async (tx) => {
        if (await insertProduct(tx, product, contentHash)) return product;
        const [known] = await tx.query(GET_HASH, [product.id]);
        if (!known?.contentHash.equals(contentHash)) throw catalogErrors.PRODUCT_EXISTS({ productId: product.id });
        return get(tx, GET, product.id);
      }),

    change: (productId, decide) =>
      db.transaction(async (tx) => {
        if (isId(productId)) await tx.query(LOCK, [productId]);
        const before = await get(tx, GET, productId);
        const after = decide(before);
        if (after !== before) await updateProduct(tx, before, after);
        return after;
      }),

    get: (productId) => get(db.reads, GET, productId),
    getPublished: (productId) => get(db.reads, GET_PUBLISHED, productId),
    listPublished: async ({ categoryId, after, limit }) => {
      const rows =
        categoryId === ""
          ? await db.reads.query(LIST_PUBLISHED, [after, limit])
          : await db.reads.query(LIST_OF_CATEGORY, [after, limit, categoryId]);
      return rows.map(productOf);
    },
    listAny: async ({ status, categoryId, text, lastChangedFirst, after, limit }) => {
      const filters = [status ?? null, categoryId, text] as const;
      const page = [after?.updatedAt ?? null, after?.id ?? "", limit] as const;
      const rows = await db.reads.query(lastChangedFirst ? ANY_LAST_CHANGED : ANY_BY_ID, [...filters, ...page]);
      return rows.map(productOf);
    },
  };
}
