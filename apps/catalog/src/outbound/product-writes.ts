import { event, outbox } from "@kontor/messaging";
import { isForeignKeyViolation, type Tx } from "@kontor/postgres";
import { ProductChangedSchema } from "@kontor/shop/contracts/catalog/v1/events";
import { productMessage } from "../contract/product-message.ts";
import { catalogErrors } from "../domain/errors.ts";
import type { Product, Variant } from "../domain/product.ts";
import { statement } from "../gen/statements.ts";

const INSERT = statement(
  "products.insert",
  `INSERT INTO products (id, title, description, category_id, status, options, media_urls, currency, version,
    created_at, updated_at, content_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT DO NOTHING RETURNING id`,
  { prepared: false },
);
// In the order of the SKUs, so that products with the same ones cannot deadlock.
const INSERT_VARIANTS = statement(
  "products.insert-variants",
  `INSERT INTO variants (sku, product_id, position, title, option_values, price, weight_grams)
  SELECT sku, $1, $7 + position, title, option_values, price, weight_grams
  FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::int[])
    WITH ORDINALITY AS variant (sku, title, option_values, price, weight_grams, position)
  ORDER BY sku
  ON CONFLICT (sku) DO NOTHING RETURNING sku`,
  { prepared: false },
);
const UPDATE = statement(
  "products.update",
  `UPDATE products SET title = $2, description = $3, category_id = $4, status = $5, media_urls = $6, version = $7,
    updated_at = $8
  WHERE id = $1`,
  { prepared: false },
);
const UPDATE_VARIANTS = statement(
  "products.update-variants",
  `UPDATE variants v SET position = new.position, title = new.title, option_values = new.option_values, price = new.price,
    weight_grams = new.weight_grams, archived = new.archived
  FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::int[], $7::bool[])
    WITH ORDINALITY AS new (sku, title, option_values, price, weight_grams, archived, position)
  WHERE v.product_id = $1 AND v.sku = new.sku
    AND (v.position, v.title, v.option_values, v.price, v.weight_grams, v.archived)
      IS DISTINCT FROM (new.position::int, new.title, new.option_values, new.price, new.weight_grams, new.archived)`,
  { prepared: false },
);
const ON_SALE: readonly Product["status"][] = ["published", "unlisted"];
// Waits for a transaction that archives the category, and prevents that it is archived meanwhile.
const LOCK_CATEGORY = statement("products.lock-category", "SELECT archived FROM categories WHERE id = $1 FOR SHARE", {
  prepared: false,
});

/** False when the id is taken. */
export async function insertProduct(tx: Tx, product: Product, contentHash: Buffer): Promise<boolean> {
  const { id, title, description, categoryId, status, options, mediaUrls, currency, version } = product;
  const times = [product.createdAt, product.updatedAt] as const;
  const content = [title, description, categoryId, status, options, mediaUrls, currency, version] as const;
  const rows = await inCategory(categoryId, () => tx.query(INSERT, [id, ...content, ...times, contentHash]));
  if (rows.length === 0) return false;
  await insertVariants(tx, id, product.variants, 0);
  await publishChange(tx, product);
  return true;
}

function columnsOf(variants: readonly Variant[]) {
  return [
    variants.map(({ sku }) => sku),
    variants.map(({ title }) => title),
    variants.map(({ optionValues }) => JSON.stringify(optionValues)),
    variants.map(({ price }) => price),
    variants.map(({ weightGrams }) => weightGrams),
  ] as const;
}

async function insertVariants(tx: Tx, productId: string, variants: readonly Variant[], after: number): Promise<void> {
  const kept = await tx.query(INSERT_VARIANTS, [productId, ...columnsOf(variants), after]);
  const taken = variants.find(({ sku }) => !kept.some((row) => row.sku === sku));
  if (taken !== undefined) throw catalogErrors.SKU_TAKEN({ sku: taken.sku });
}

/** The product's row must be locked. New variants follow the existing ones. */
export async function updateProduct(tx: Tx, before: Product, product: Product): Promise<void> {
  const { id, title, description, categoryId, status, mediaUrls, version, updatedAt, variants } = product;
  if (ON_SALE.includes(status) && (before.status !== status || before.categoryId !== categoryId))
    await assertActive(tx, categoryId);
  const values = [id, title, description, categoryId, status, mediaUrls, version, updatedAt] as const;
  await inCategory(categoryId, () => tx.query(UPDATE, values));
  const added = variants.filter(({ sku }) => !before.variants.some((known) => known.sku === sku));
  if (added.length > 0) await insertVariants(tx, id, added, before.variants.length);
  await tx.query(UPDATE_VARIANTS, [id, ...columnsOf(variants), variants.map(({ archived }) => archived)]);
  await publishChange(tx, product);
}

function publishChange(tx: Tx, product: Product): Promise<void> {
  const change = event(ProductChangedSchema, { product: productMessage(product) }, { key: product.id });
  return outbox.append(tx, [change]);
}

async function assertActive(tx: Tx, categoryId: string): Promise<void> {
  const [category] = await tx.query(LOCK_CATEGORY, [categoryId]);
  if (category?.archived) throw catalogErrors.CATEGORY_ARCHIVED({ categoryId });
}

async function inCategory<T>(categoryId: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!isForeignKeyViolation(cause, "products_category_id_fkey")) throw cause;
    throw catalogErrors.CATEGORY_NOT_FOUND({ categoryId }, { cause });
  }
}
