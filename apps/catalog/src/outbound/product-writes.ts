import { ProductChangedSchema } from "@kontor/contracts/catalog/v1/events";
import { event, outbox } from "@kontor/messaging";
import { isForeignKeyViolation, type Tx } from "@kontor/postgres";
import { catalogErrors } from "../domain/errors.ts";
import type { Product } from "../domain/product.ts";
import { productMessage } from "./product-message.ts";

const INSERT = `
  INSERT INTO products (id, title, description, category_id, status, options, media_urls, currency, version,
    created_at, updated_at, content_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
  ON CONFLICT DO NOTHING RETURNING id`;
// In the order of the SKUs, so that products that want the same ones cannot wait for each other.
const INSERT_VARIANTS = `
  INSERT INTO variants (sku, product_id, position, title, option_values, price, weight_grams)
  SELECT sku, $1, position, title, option_values, price, weight_grams
  FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::bigint[], $6::int[])
    WITH ORDINALITY AS variant (sku, title, option_values, price, weight_grams, position)
  ORDER BY sku
  ON CONFLICT (sku) DO NOTHING RETURNING sku`;
const UPDATE = `
  UPDATE products SET title = $2, description = $3, category_id = $4, status = $5, media_urls = $6, version = $7,
    updated_at = $8
  WHERE id = $1`;
const UPDATE_PRICES = `
  UPDATE variants v SET price = new.price FROM unnest($2::text[], $3::bigint[]) AS new (sku, price)
  WHERE v.product_id = $1 AND v.sku = new.sku AND v.price <> new.price`;

/** False when the id is taken. */
export async function insertProduct(tx: Tx, product: Product, contentHash: Buffer): Promise<boolean> {
  const { id, title, description, categoryId, status, options, mediaUrls, currency, version } = product;
  const times = [product.createdAt, product.updatedAt];
  const values = [id, title, description, categoryId, status, options, mediaUrls, currency, version, ...times];
  const rows = await inCategory(categoryId, () => tx.query(INSERT, [...values, contentHash]));
  if (rows.length === 0) return false;
  await insertVariants(tx, product);
  await publishChange(tx, product);
  return true;
}

async function insertVariants(tx: Tx, { id, variants }: Product): Promise<void> {
  const kept = await tx.query<{ sku: string }>(INSERT_VARIANTS, [
    id,
    variants.map(({ sku }) => sku),
    variants.map(({ title }) => title),
    variants.map(({ optionValues }) => JSON.stringify(optionValues)),
    variants.map(({ price }) => price),
    variants.map(({ weightGrams }) => weightGrams),
  ]);
  const taken = variants.find(({ sku }) => !kept.some((row) => row.sku === sku));
  if (taken !== undefined) throw catalogErrors.SKU_TAKEN({ sku: taken.sku });
}

/** The product's row must be locked. */
export async function updateProduct(tx: Tx, product: Product): Promise<void> {
  const { id, title, description, categoryId, status, mediaUrls, version, updatedAt, variants } = product;
  const values = [id, title, description, categoryId, status, mediaUrls, version, updatedAt];
  await inCategory(categoryId, () => tx.query(UPDATE, values));
  await tx.query(UPDATE_PRICES, [id, variants.map(({ sku }) => sku), variants.map(({ price }) => price)]);
  await publishChange(tx, product);
}

function publishChange(tx: Tx, product: Product): Promise<void> {
  const change = event(ProductChangedSchema, { product: productMessage(product) }, { key: product.id });
  return outbox.append(tx, [change]);
}

async function inCategory<T>(categoryId: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!isForeignKeyViolation(cause, "products_category_id_fkey")) throw cause;
    throw catalogErrors.CATEGORY_NOT_FOUND({ categoryId }, { cause });
  }
}
