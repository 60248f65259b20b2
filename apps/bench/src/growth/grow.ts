import pg from "pg";
import { databaseUrlOf, type ShopUnderTest } from "../shop-under-test.ts";
import { copyRows, type Template } from "./copy-rows.ts";
import { type GrowingTable, tablesOfOrders, tablesOfProducts } from "./tables.ts";

/** How many orders and products a shop gets. */
export type Growth = { readonly orders: number; readonly products: number };

const YEAR_SECONDS = 31_536_000;
const MAX_TEMPLATES = 20;

/** Makes a shop as if it had sold for a year: copies of its completed orders and of its published products, and of all that belongs to them. */
export async function grow(shop: ShopUnderTest, { orders, products }: Growth): Promise<void> {
  const completed = "SELECT ARRAY[id] AS ids FROM orders WHERE stage = 'completed' ORDER BY placed_at DESC";
  const published = `SELECT id || array_agg(sku) AS ids FROM products JOIN variants ON product_id = id
    WHERE status = 'published' GROUP BY id ORDER BY id`;
  await copyAll(shop, tablesOfOrders, await templatesOf(shop, "orders", completed), orders);
  await copyAll(shop, tablesOfProducts, await templatesOf(shop, "catalog", published), products);
}

/** Copies in two databases at the same time: a database is one session on one core. */
async function copyAll(
  shop: ShopUnderTest,
  tables: Readonly<Partial<Record<string, readonly GrowingTable[]>>>,
  templates: readonly Template[],
  count: number,
): Promise<void> {
  if (templates.length === 0) throw new Error("The shop has nothing to copy.");
  const secondsApart = YEAR_SECONDS / count;
  const waiting = Object.entries(tables);
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [database, list = []] = next;
      const began = performance.now();
      await copyRows(databaseUrlOf(shop)(database), list, { templates, count, secondsApart });
      console.error(`${database}: ${count} copies in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    }
  };
  await Promise.all([worker(), worker()]);
}

async function templatesOf(shop: ShopUnderTest, database: string, text: string): Promise<Template[]> {
  const client = new pg.Client({ connectionString: databaseUrlOf(shop)(database) });
  await client.connect();
  try {
    const { rows } = await client.query<{ ids: string[] }>(`${text} LIMIT ${MAX_TEMPLATES}`);
    return rows.map(({ ids }) => ids);
  } finally {
    await client.end();
  }
}
