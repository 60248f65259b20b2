import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ReindexProgress, reindexSearch } from "../src/commands/reindex-search.ts";
import { createProductStore } from "../src/outbound/product-store.ts";
import { searchIndex } from "../src/outbound/search-index.ts";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, db } = shop;
afterAll(() => shop.stop());

type Query = Parameters<typeof catalog.searchProducts>[0];

/** The ids that a search finds. */
async function found(query: Query): Promise<string[]> {
  return (await catalog.searchProducts({ pageSize: 100, ...query })).hits.map(({ productId }) => productId);
}

/** Sells a product and waits until search has it. */
async function sell(product: Parameters<typeof shop.sell>[0]): Promise<string> {
  const id = await shop.sell(product);
  await eventually(async () => {
    expect(await db.query("SELECT FROM search_products WHERE product_id = $1 AND visible", [id])).toHaveLength(1);
  });
  return id;
}

beforeAll(async () => {
  await sell({ ...aProduct({ id: "S-1", title: "Stoneware teapot", minor: 4_000n }), description: "For green tea." });
  await sell({ ...aProduct({ id: "S-3", title: "Stoneware bowl", minor: 2_000n }), categoryId: "kitchen" });
});

describe("search is indexed again from products and stock", () => {
  const products = createProductStore(db);
  const rows = () => db.query("SELECT * FROM search_products ORDER BY product_id");
  const reindex = async (rounds = 1) => {
    const progress: ReindexProgress[] = [];
    const run = reindexSearch({ db, products, searchIndex, onProgress: (step) => progress.push(step) });
    // The service also reindexes stale products; one of the two has the lock.
    let indexed = 0;
    for (let round = 0; round < rounds; round++) indexed += await run();
    return { indexed, progress };
  };
  const isWhole = (before: unknown) =>
    eventually(async () => {
      await reindex();
      expect(await rows()).toEqual(before);
    });

  it("not at all if it is whole", async () => {
    await sell(aProduct({ title: "Whole" }));
    await eventually(async () => expect(await reindex()).toEqual({ indexed: 0, progress: [] }));
  });

  it("if it was lost, with the state of all events", async () => {
    const before = await rows();
    await db.query("DELETE FROM search_products");
    const { indexed, progress } = await reindex();
    expect(indexed).toBe(before.length);
    expect(progress).toEqual([{ indexed, products: before.length, done: true }]);
    expect(await rows()).toEqual(before);
  });

  it("in a database of the version before", async () => {
    const before = await rows();
    await db.query(`UPDATE search_products SET indexed_version = 0, index_format = 0, skus = '{}', stocked = '{}', codes = '{}',
      plain_title = '', title_length = 0, document = setweight(to_tsvector('english', title) || to_tsvector('simple', title), 'A')`);
    await db.query("DELETE FROM search_words");
    expect(await found({ q: "stoneware" })).toEqual(["S-1", "S-3"]);
    expect(await found({ q: "teapot", minPrice: 1501n, maxPrice: 4000n, inStock: false })).toEqual(["S-1"]);
    await isWhole(before);
  });

  it("where a pod of the version before has written since, products and stock", async () => {
    const id = await sell(aProduct({ title: "Rolled" }));
    const before = await rows();
    const run = reindexSearch({ db, products, searchIndex, onProgress: () => undefined });
    expect(await run()).toBe(0);
    await db.query("UPDATE search_products SET version = version + 1, document = '' WHERE product_id = $1", [id]);
    await db.query("UPDATE search_products SET version = version - 1, indexed_version = 0 WHERE product_id = $1", [id]);
    expect(await run()).toBe(1);
    expect(await rows()).toEqual(before);
    await db.query("UPDATE search_products SET stocked = '{t}', in_stock = true WHERE product_id = $1", [id]);
    await isWhole(before);
  });
});
