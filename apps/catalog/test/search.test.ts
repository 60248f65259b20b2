import { event, outbox } from "@kontor/messaging";
import { SearchOrder } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { ProductChangedSchema } from "@kontor/shop/contracts/catalog/v1/events";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, staff, db } = shop;
afterAll(() => shop.stop());

type Query = Parameters<typeof catalog.searchProducts>[0];

/** The ids that a search finds. */
async function found(query: Query): Promise<string[]> {
  return (await catalog.searchProducts({ pageSize: 100, ...query })).hits.map(({ productId }) => productId);
}

/** Waits until search has the present version of the product. */
async function known(productId: string): Promise<void> {
  const { product } = await catalog.getAnyProduct({ productId }, staff);
  await eventually(async () => {
    const rows = await db.query("SELECT version::int FROM search_products WHERE product_id = $1", [productId]);
    expect(rows).toEqual([{ version: product?.version }]);
  });
}

async function sell(product: Parameters<typeof shop.sell>[0]): Promise<string> {
  const id = await shop.sell(product);
  await known(id);
  return id;
}

const isThere = (id: string) => eventually(async () => expect(await found({ q: id, inStock: true })).toEqual([id]));
const isAway = (id: string) => eventually(async () => expect(await found({ q: id, inStock: true })).toEqual([]));

describe("search follows products", () => {
  it("when they are published, change, and go", async () => {
    const product = aProduct({ title: "Walnut rolling pin" });
    await catalog.createProduct({ product }, staff);
    await known(product.id);
    expect(await found({ q: "walnut" })).toEqual([]);

    await catalog.publishProduct({ productId: product.id }, staff);
    await known(product.id);
    expect((await catalog.searchProducts({ q: "walnut" })).hits).toMatchObject([
      { productId: product.id, title: product.title, categoryId: "mugs", priceFrom: { minor: 1200n }, inStock: false },
    ]);

    const sale = { productId: product.id, sku: product.id, price: { currency: "EUR", minor: 700n } };
    await catalog.setPrice(sale, staff);
    await known(product.id);
    expect((await catalog.searchProducts({ q: "walnut" })).hits).toMatchObject([{ priceFrom: { minor: 700n } }]);

    await catalog.archiveProduct({ productId: product.id }, staff);
    await known(product.id);
    expect(await found({ q: "walnut" })).toEqual([]);
  });

  it("and ignores late and repeated events", async () => {
    const id = await sell({ ...aProduct({ title: "Brass bell" }) });
    const { product: early } = await catalog.getProduct({ productId: id });
    await catalog.archiveProduct({ productId: id }, staff);
    await known(id);
    const late = event(ProductChangedSchema, { product: early }, { key: id });
    await db.transaction((tx) => outbox.append(tx, [late]));
    await eventually(async () => {
      const handled = "SELECT FROM inbox WHERE consumer = 'catalog-search-products' AND message_id = $1";
      expect(await db.query(handled, [late.id])).toHaveLength(1);
    });
    expect(await found({ q: "brass" })).toEqual([]);
  });

  it("and of stock, before or after the product, in any order, any number of times", async () => {
    const id = "stockedearly";
    await shop.publishStock(id, 5, 3);
    await sell(aProduct({ id, title: id }));
    await isThere(id);
    await shop.publishStock(id, 0, 5);
    await isAway(id);
    await shop.publishStock(id, 9, 4);
    await shop.publishStock(id, 9, 5);
    await shop.publishStock("stockprobe", 1, 1);
    await eventually(async () => {
      const handled = "SELECT FROM inbox WHERE consumer = 'catalog-search-stock'";
      expect((await db.query(handled)).length).toBeGreaterThanOrEqual(5);
    });
    await isAway(id);
    await shop.publishStock(id, 1, 6);
    await isThere(id);
  });

  it("and stock, without a write while the shown stock is equal", async () => {
    const id = "stockshown";
    await sell(aProduct({ id, title: id }));
    const version = async () => {
      const text = "SELECT xmin::text AS version, in_stock FROM search_products WHERE product_id = $1";
      return (await db.query(text, [id]))[0];
    };
    const stored = (available: number) =>
      eventually(async () => {
        const rows = await db.query("SELECT available FROM search_stock WHERE sku = $1", [id]);
        expect(Number(rows[0]?.available)).toBe(available);
      });
    await shop.publishStock(id, 5, 1);
    await stored(5);
    const shown = await version();
    expect(shown).toMatchObject({ in_stock: true });
    await shop.publishStock(id, 4, 2);
    await shop.publishStock(id, 3, 3);
    await stored(3);
    expect(await version()).toEqual(shown);
    await shop.publishStock(id, 0, 4);
    await stored(0);
    expect(await version()).toMatchObject({ in_stock: false });
  });

  it("of which something is in stock as long as one variant is, whichever changes first", async () => {
    const skus = ["V-1", "V-2", "V-3"];
    const variants = skus.map((sku) => ({ sku, price: { currency: "EUR", minor: 100n } }));
    const id = await sell({ ...aProduct({ title: "manyfold" }), variants });
    const shows = (inStock: boolean) =>
      eventually(async () =>
        expect((await catalog.searchProducts({ q: "manyfold" })).hits).toMatchObject([{ productId: id, inStock }]),
      );
    for (let round = 1; round <= 10; round += 2) {
      await Promise.all(skus.map((sku) => shop.publishStock(sku, 1, round)));
      await shows(true);
      await Promise.all(skus.map((sku) => shop.publishStock(sku, 0, round + 1)));
      await shows(false);
    }
  });
});

describe("search finds", () => {
  const products = [
    { id: "S-1", title: "Stoneware teapot", description: "For green tea.", categoryId: "kitchen", minor: 4000n },
    { id: "S-2", title: "Running with teapots", description: "A novel.", categoryId: "books", minor: 1500n },
    { id: "S-3", title: "Stoneware bowl", description: "Goes well with a teapot.", categoryId: "mugs", minor: 2000n },
    { id: "S-4", title: "Étagère", description: "A shelf.", categoryId: "kitchen", minor: 9000n },
  ];
  beforeAll(async () => {
    for (const { minor, ...product } of products) await sell({ ...aProduct({ id: product.id, minor }), ...product });
  });

  it("words in any form, those of titles first", async () => {
    expect(await found({ q: "teapots" })).toEqual(["S-2", "S-1", "S-3"]);
    expect(await found({ q: "run teapot" })).toEqual(["S-2"]);
  });

  it("the beginning of a word while it is typed", async () => {
    expect(await found({ q: "stonew" })).toEqual(["S-1", "S-3"]);
    expect(await found({ q: "stoneware te" })).toEqual(["S-1", "S-3"]);
    expect(await found({ q: "éta" })).toEqual(["S-4"]);
  });

  it("phrases, without excluded words", async () => {
    expect(await found({ q: '"green tea"' })).toEqual(["S-1"]);
    expect(await found({ q: "stoneware -bowl" })).toEqual(["S-1"]);
  });

  it("misspelt words if there is nothing else", async () => {
    expect(await found({ q: "stonwear teapod" })).toContain("S-1");
    expect(await found({ q: "tepot" })).toContain("S-1");
    expect(await found({ q: "xylophone" })).toEqual([]);
  });

  it("nothing dangerous in odd characters", async () => {
    for (const q of ["'", "':*", "a & | !", '"', "\\", "%_", "-", "the", "💥"]) await found({ q });
  });

  it("products between two prices and below a category, with counts for each category", async () => {
    const answer = await catalog.searchProducts({ q: "teapot", categoryId: "kitchen", minPrice: 1500n });
    expect(answer.hits.map(({ productId }) => productId)).toEqual(["S-1", "S-3"]);
    expect(answer.total).toBe(2);
    expect(answer.categories.map(({ categoryId, count }) => [categoryId, count])).toEqual([
      ["kitchen", 2],
      ["books", 1],
      ["mugs", 1],
    ]);
    expect(await found({ q: "teapot", minPrice: 1501n, maxPrice: 2000n })).toEqual(["S-3"]);
    expect(await found({ q: "teapot", minPrice: 1501n, maxPrice: 1999n })).toEqual([]);
  });

  it("only products with a variant between the prices", async () => {
    const variants = [100n, 900n].map((minor) => ({ sku: `gap-${minor}`, price: { currency: "EUR", minor } }));
    const id = await sell({ ...aProduct({ title: "Gapped" }), variants });
    expect(await found({ q: "gapped", minPrice: 100n, maxPrice: 200n })).toEqual([id]);
    expect(await found({ q: "gapped", minPrice: 200n, maxPrice: 800n })).toEqual([]);
  });

  it.each([
    [SearchOrder.PRICE_ASCENDING, ["S-2", "S-3", "S-1"]],
    [SearchOrder.PRICE_DESCENDING, ["S-1", "S-3", "S-2"]],
    [SearchOrder.NEWEST, ["S-3", "S-2", "S-1"]],
  ])("in order %s", async (orderBy, ids) => {
    expect(await found({ q: "teapot", orderBy })).toEqual(ids);
  });

  it("every product once over its pages, in every order, while others come", async () => {
    const add = (n: number) => sell(aProduct({ id: `page-${n}`, title: "Paged", minor: BigInt(100 * (n % 3)) }));
    const first = [1, 2, 3, 4, 5, 6, 7].map((n) => `page-${n}`);
    for (const n of first.keys()) await add(n + 1);
    let next = 8;
    for (const orderBy of [0, 1, 2, 3]) {
      const seen: string[] = [];
      for (let pageToken = "", page = 0; page === 0 || pageToken !== ""; page++) {
        const answer = await catalog.searchProducts({ q: "paged", orderBy, pageSize: 2, pageToken });
        seen.push(...answer.hits.map(({ productId }) => productId));
        pageToken = answer.nextPageToken ?? "";
        if (page === 1) await add(next++);
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(first));
    }
  });

  it.each<[string, Query]>([
    ["other words", { q: "bowl" }],
    ["no words", { q: "" }],
    ["another category", { categoryId: "mugs" }],
    ["another lowest price", { minPrice: 1n }],
    ["another highest price", { maxPrice: 9_999n }],
    ["stock", { inStock: true }],
    ["another order", { orderBy: SearchOrder.NEWEST }],
  ])("nothing for the token of a page with %s", async (_, other) => {
    const { nextPageToken: pageToken = "" } = await catalog.searchProducts({ q: "teapot", pageSize: 1 });
    expect((await catalog.searchProducts({ q: "teapot", pageSize: 2, pageToken })).hits).toHaveLength(2);
    const refused = catalog.searchProducts({ q: "teapot", pageToken, ...other });
    await expect(refused).rejects.toMatchObject({ violations: [{ field: "pageToken" }] });
  });

  it("nothing for prices the wrong way round", async () => {
    await expect(catalog.searchProducts({ minPrice: 2n, maxPrice: 1n })).rejects.toMatchObject({
      violations: [{ field: "maxPrice" }],
    });
  });
});
