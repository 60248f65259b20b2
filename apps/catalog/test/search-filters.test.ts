import { SearchOrder } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop({ currencies: ["EUR", "CHF"] });
const { catalog, staff, db } = shop;
afterAll(() => shop.stop());

type Query = Parameters<typeof catalog.searchProducts>[0];

/** Id, price and stock of the results of a search. */
async function shown(query: Query) {
  const { hits } = await catalog.searchProducts({ pageSize: 100, ...query });
  return hits.map(({ productId, priceFrom, inStock }) => [productId, Number(priceFrom?.minor), inStock]);
}

async function sellVariants(id: string, title: string, variants: Record<string, number>, currency = "EUR") {
  const priced = Object.entries(variants).map(([sku, minor]) => ({ sku, price: { currency, minor: BigInt(minor) } }));
  return shop.sell({ ...aProduct({ id, title }), variants: priced });
}

beforeAll(async () => {
  await sellVariants("two", "Kettle of two sizes", { "two-s": 1_000, "two-l": 9_000 });
  await sellVariants("one", "Kettle of one size", { "one-m": 5_000 });
  await sellVariants("swiss", "Kettle from Bern", { swiss: 3_000 }, "CHF");
  await shop.publishStock("two-l", 3, 1);
  await shop.publishStock("one-m", 3, 1);
  await eventually(async () => {
    expect((await catalog.searchProducts({ q: "kettle" })).total).toBe(3);
    expect(await db.query("SELECT FROM search_stock WHERE available > 0")).toHaveLength(2);
  });
});

describe("price and stock that search shows", () => {
  const everything = [
    ["one", 5_000, true],
    ["swiss", 3_000, false],
    ["two", 1_000, true],
  ];

  it("are those of all variants without a filter", async () => {
    expect((await shown({ q: "kettle" })).toSorted()).toEqual(everything);
  });

  it.each<[string, Query, unknown[]]>([
    [
      "at or above a price",
      { minPrice: 2_000n },
      [
        ["one", 5_000, true],
        ["two", 9_000, true],
      ],
    ],
    ["at or below a price", { maxPrice: 1_000n }, [["two", 1_000, false]]],
    ["at or below a price, in stock", { maxPrice: 1_000n, inStock: true }, []],
    [
      "in stock",
      { inStock: true, currency: "EUR" },
      [
        ["one", 5_000, true],
        ["two", 9_000, true],
      ],
    ],
    ["between prices, in stock", { minPrice: 5_001n, maxPrice: 9_000n, inStock: true }, [["two", 9_000, true]]],
  ])("are those of the variants %s, in the order of these prices", async (_, filter, expected) => {
    expect(await shown({ q: "kettle", ...filter, orderBy: SearchOrder.PRICE_ASCENDING })).toEqual(expected);
    const dearestFirst = await shown({ q: "kettle", ...filter, orderBy: SearchOrder.PRICE_DESCENDING });
    expect(dearestFirst).toEqual(expected.toReversed());
    expect((await catalog.searchProducts({ q: "kettle", ...filter, orderBy: 1 })).total).toBe(expected.length);
    const words = await shown({ ...filter, orderBy: SearchOrder.PRICE_ASCENDING });
    expect(words).toEqual(expected);
  });

  it("page by page in the same order", async () => {
    const query = { q: "kettle", inStock: true, orderBy: SearchOrder.PRICE_DESCENDING };
    const first = await catalog.searchProducts({ ...query, pageSize: 1 });
    const second = await catalog.searchProducts({ ...query, pageSize: 1, pageToken: first.nextPageToken ?? "" });
    expect([...first.hits, ...second.hits].map(({ productId }) => productId)).toEqual(["two", "one"]);
  });
});

describe("prices in several currencies", () => {
  it("are sorted and filtered within one, the main one by default", async () => {
    const orderBy = SearchOrder.PRICE_ASCENDING;
    expect((await shown({ q: "kettle", orderBy })).map(([id]) => id)).toEqual(["two", "one"]);
    expect(await shown({ q: "kettle", orderBy, currency: "CHF" })).toEqual([["swiss", 3_000, false]]);
    expect(await shown({ q: "kettle", minPrice: 3_000n, maxPrice: 3_000n })).toEqual([]);
    expect(await shown({ q: "kettle", minPrice: 3_000n, maxPrice: 3_000n, currency: "CHF" })).toHaveLength(1);
    await expect(catalog.searchProducts({ currency: "eur" })).rejects.toMatchObject({
      violations: [{ field: "currency" }],
    });
  });

  it("belong to the page token", async () => {
    const { nextPageToken: pageToken = "" } = await catalog.searchProducts({ orderBy: 1, pageSize: 1 });
    const other = catalog.searchProducts({ orderBy: 1, currency: "CHF", ...(pageToken && { pageToken }) });
    await expect(other).rejects.toMatchObject({ violations: [{ field: "pageToken" }] });
  });

  it("cannot be published unless the shop serves the currency", async () => {
    for (const currency of ["JPY", "USD"]) {
      const product = { ...aProduct(), variants: [{ sku: `sku-${currency}`, price: { currency, minor: 100n } }] };
      await catalog.createProduct({ product }, staff);
      await expect(catalog.publishProduct({ productId: product.id }, staff)).rejects.toMatchObject({
        reason: "CURRENCY_NOT_SERVED",
        metadata: { currency, served: "EUR, CHF" },
      });
    }
  });
});

describe("the counts per category", () => {
  it("show the number of results in the category, at every level", async () => {
    const categories = [
      { id: "deep", name: "Deep", parentId: "mugs" },
      { id: "empty", name: "Empty", parentId: "" },
    ];
    for (const category of categories) await catalog.createCategory({ category }, staff);
    for (const [n, categoryId] of ["kitchen", "mugs", "deep", "deep", "books"].entries())
      await shop.sell({ ...aProduct({ id: `cat-${n}`, title: "Counted" }), categoryId });
    await eventually(async () => expect((await catalog.searchProducts({ q: "counted" })).total).toBe(5));
    const { categories: counts } = await catalog.searchProducts({ q: "counted", categoryId: "books" });
    expect(counts.map(({ categoryId, count }) => [categoryId, count])).toEqual([
      ["kitchen", 4],
      ["mugs", 3],
      ["deep", 2],
      ["books", 1],
    ]);
    for (const { categoryId, count } of counts)
      expect((await catalog.searchProducts({ q: "counted", categoryId })).total).toBe(count);
  });
});

describe("categories", () => {
  it("are listed as a reader sorts them", async () => {
    const names = ["Zebra", "apples", "Äpfel", "Apples 10", "Apples 9", "Éclairs", "eggs"];
    for (const [n, name] of names.entries()) await catalog.createCategory({ category: { id: `c-${n}`, name } }, staff);
    const { categories } = await catalog.listCategories({});
    expect(categories.map(({ name }) => name).filter((name) => names.includes(name))).toEqual([
      "Äpfel",
      "apples",
      "Apples 9",
      "Apples 10",
      "Éclairs",
      "eggs",
      "Zebra",
    ]);
  });
});
