import { migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import {
  CategoryChangedSchema,
  CategoryCreatedSchema,
  ProductChangedSchema,
} from "@kontor/shop/contracts/catalog/v1/events";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { catalogApp } from "../src/app.ts";
import { type Category, MAX_CATEGORIES } from "../src/domain/category.ts";
import { archive, edit, type Product, publish } from "../src/domain/product.ts";
import { addVariant, archiveVariant, moveVariant, setPrice } from "../src/domain/variants.ts";
import { createCategoryStore } from "../src/outbound/category-store.ts";
import { createProductStore } from "../src/outbound/product-store.ts";
import { createQuotes } from "../src/outbound/quotes.ts";
import type { AnyProducts, Categories, Products, Quotes } from "../src/ports.ts";
import { aDraft, at, aVariant } from "./builders.ts";
import { createMemoryCatalog } from "./memory-catalog.ts";

interface Stores {
  readonly categories: Categories;
  readonly products: Products;
  readonly quotes: Quotes;
  readonly published: (key: string) => Promise<readonly string[]>;
  /** Adds categories until there are as many as the shop may have. */
  readonly fillCategories: () => Promise<void>;
}

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("catalog");
await migrate({ url, folders: migrationsOf(catalogApp), log: { info: () => undefined } });
const db = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

async function onPostgres(): Promise<Stores> {
  await db.query("TRUNCATE categories, products, variants, outbox");
  const types = "SELECT type FROM outbox WHERE key = $1 ORDER BY seq";
  const fill = `INSERT INTO categories (id, name, path) SELECT 'c-' || n, 'c', ARRAY['c-' || n]
    FROM generate_series((SELECT count(*) + 1 FROM categories), $1) AS n`;
  return {
    categories: createCategoryStore(db),
    products: createProductStore(db),
    quotes: createQuotes(db),
    published: async (key) => (await rowsOf<{ type: string }>(db, types, [key])).map(({ type }) => type),
    fillCategories: async () => void (await db.query(fill, [MAX_CATEGORIES])),
  };
}

async function inMemory(): Promise<Stores> {
  const catalog = createMemoryCatalog(createMemoryDatabase());
  return {
    ...catalog,
    published: async (key) => catalog.published(key),
    async fillCategories() {
      const { length } = await catalog.categories.list();
      for (let n = length + 1; n <= MAX_CATEGORIES; n += 1)
        await catalog.categories.create({ id: `c-${n}`, name: "c", parentId: "", archived: false });
    },
  };
}

const reason = (name: string) => ({ reason: name });
const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
const currencies = ["EUR"];
const hashOf = (product: Product) => Buffer.from(product.title);
const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("the catalog %s", (_, open) => {
  let stores: Stores;
  beforeEach(async () => {
    stores = await open();
    for (const [id, parentId] of [
      ["kitchen", ""],
      ["mugs", "kitchen"],
      ["books", ""],
    ] as const)
      await addCategory(id, parentId);
  });

  const addCategory = (id: string, parentId = "", name = id) =>
    stores.categories.create({ id, name, parentId, archived: false });
  const changeCategory = (id: string, change: Partial<Omit<Category, "id">>) =>
    stores.categories.change(id, () => change);
  const create = (product: Product) => stores.products.create(product, hashOf(product));
  async function sell(product: Product, unlisted = false): Promise<Product> {
    await create(product);
    return stores.products.change(product.id, (draft) => publish(draft, later(1), { currencies, unlisted }));
  }

  describe("categories", () => {
    it("are created once, and published", async () => {
      const mugs = { id: "mugs", name: "mugs", parentId: "kitchen", archived: false };
      expect(await addCategory("mugs", "kitchen")).toEqual(mugs);
      expect(await stores.categories.list()).toContainEqual(mugs);
      expect(await stores.categories.list()).toHaveLength(3);
      await expect(addCategory("mugs", "books")).rejects.toMatchObject(reason("CATEGORY_EXISTS"));
      await expect(addCategory("mugs", "kitchen", "Cups")).rejects.toMatchObject(reason("CATEGORY_EXISTS"));
      await expect(addCategory("cups", "none")).rejects.toMatchObject(reason("CATEGORY_NOT_FOUND"));
      expect(await stores.published("mugs")).toEqual([CategoryCreatedSchema.typeName]);
      expect(await stores.published("cups")).toEqual([]);
    });

    it("are limited in number", async () => {
      await stores.fillCategories();
      await expect(addCategory("one-more")).rejects.toMatchObject(reason("TOO_MANY_CATEGORIES"));
      expect(await addCategory("books")).toMatchObject({ id: "books" });
    });

    it("are renamed and moved, never below themselves", async () => {
      const cups = { id: "mugs", name: "Cups", parentId: "books", archived: false };
      expect(await changeCategory("mugs", { name: "Cups", parentId: "books" })).toEqual(cups);
      expect(await changeCategory("mugs", { name: "Cups" })).toEqual(cups);
      await addCategory("small", "mugs");
      for (const parentId of ["books", "mugs", "small"])
        await expect(changeCategory("books", { parentId })).rejects.toMatchObject(reason("CATEGORY_CYCLE"));
      await expect(changeCategory("mugs", { parentId: "none" })).rejects.toMatchObject(reason("CATEGORY_NOT_FOUND"));
      await expect(changeCategory("none", {})).rejects.toMatchObject(reason("CATEGORY_NOT_FOUND"));
      expect(await changeCategory("mugs", { parentId: "" })).toMatchObject({ parentId: "" });
      const { typeName: changed } = CategoryChangedSchema;
      expect(await stores.published("mugs")).toEqual([CategoryCreatedSchema.typeName, changed, changed]);
    });

    it("are archived when nothing in them is on sale, from the lowest to the highest", async () => {
      await sell(aDraft("P-1"), true);
      await expect(changeCategory("kitchen", { archived: true })).rejects.toMatchObject({
        metadata: { usedBy: "categories below it" },
      });
      await expect(changeCategory("mugs", { archived: true })).rejects.toMatchObject({
        metadata: { usedBy: "products on sale" },
      });
      await stores.products.change("P-1", (product) => archive(product, later(2)));
      expect(await changeCategory("mugs", { archived: true })).toMatchObject({ archived: true });
      expect(await changeCategory("kitchen", { archived: true })).toMatchObject({ archived: true });
      await expect(changeCategory("mugs", { archived: false })).rejects.toMatchObject(reason("CATEGORY_ARCHIVED"));
      await expect(addCategory("pans", "kitchen")).rejects.toMatchObject(reason("CATEGORY_ARCHIVED"));
      expect(await changeCategory("kitchen", { archived: false })).toMatchObject({ archived: false });
    });
  });

  describe("products", () => {
    it("are created once for the same content, and published", async () => {
      const product = aDraft("P-1", { variants: [aVariant("B"), aVariant("A", { optionValues: { size: "L" } })] });
      expect(await create(product)).toEqual(product);
      expect(await stores.products.get("P-1")).toEqual(product);
      const published = await stores.products.change("P-1", (draft) => publish(draft, later(1), { currencies }));
      expect(await create(product)).toEqual(published);
      await expect(create({ ...product, title: "Other" })).rejects.toMatchObject(reason("PRODUCT_EXISTS"));
      expect(await stores.published("P-1")).toEqual(Array(2).fill(ProductChangedSchema.typeName));
    });

    it("need a category that exists, and SKUs of their own", async () => {
      await create(aDraft("P-1"));
      const missing = aDraft("P-2", { categoryId: "none" });
      await expect(create(missing)).rejects.toMatchObject(reason("CATEGORY_NOT_FOUND"));
      const taken = aDraft("P-2", { variants: [aVariant("P-2"), aVariant("P-1")] });
      await expect(create(taken)).rejects.toMatchObject({ reason: "SKU_TAKEN", metadata: { sku: "P-1" } });
      await create(aDraft("P-2"));
      const change = (decide: (product: Product) => Product) => stores.products.change("P-2", decide);
      await expect(change((product) => edit(product, { categoryId: "none" }, at))).rejects.toMatchObject(
        reason("CATEGORY_NOT_FOUND"),
      );
      await expect(change((product) => addVariant(product, aVariant("P-1"), at))).rejects.toMatchObject(
        reason("SKU_TAKEN"),
      );
      expect(await stores.products.get("P-2")).toEqual(aDraft("P-2"));
      expect(await stores.published("P-2")).toHaveLength(1);
    });

    it("change as a whole, variants included, and stay as they are when nothing changes", async () => {
      await create(aDraft("P-1"));
      const change = (decide: (product: Product) => Product) => stores.products.change("P-1", decide);
      await change((product) => addVariant(product, aVariant("P-1b"), later(1)));
      await change((product) => setPrice(product, "P-1", 900n, later(2)));
      await change((product) => moveVariant(product, "P-1b", 1, later(3)));
      const after = await change((product) => archiveVariant(product, "P-1", later(4)));
      expect(after.variants).toMatchObject([{ sku: "P-1b" }, { sku: "P-1", price: 900n, archived: true }]);
      expect(after).toMatchObject({ version: 5, createdAt: at, updatedAt: later(4) });
      expect(await stores.products.get("P-1")).toEqual(after);
      expect(await change((product) => product)).toEqual(after);
      expect(await stores.published("P-1")).toHaveLength(5);
      await expect(change((product) => archive(product, at))).rejects.toMatchObject(reason("PRODUCT_NOT_PUBLISHED"));
    });

    it("are not put on sale in an archived category, nor moved to one while on sale", async () => {
      await create(aDraft("P-1"));
      await sell(aDraft("P-2", { categoryId: "books" }));
      await changeCategory("mugs", { archived: true });
      const put = stores.products.change("P-1", (draft) => publish(draft, at, { currencies }));
      await expect(put).rejects.toMatchObject(reason("CATEGORY_ARCHIVED"));
      const moved = stores.products.change("P-2", (product) => edit(product, { categoryId: "mugs" }, at));
      await expect(moved).rejects.toMatchObject(reason("CATEGORY_ARCHIVED"));
      expect(await stores.products.change("P-1", (draft) => edit(draft, { title: "Cup" }, at))).toMatchObject({
        title: "Cup",
      });
    });

    it("are shown to shoppers when they are published", async () => {
      await create(aDraft("P-1"));
      await sell(aDraft("P-2"), true);
      const published = await sell(aDraft("P-3"));
      for (const hidden of ["P-1", "P-2", "none", "not an id"])
        await expect(stores.products.getPublished(hidden)).rejects.toMatchObject(reason("PRODUCT_NOT_FOUND"));
      for (const unknown of ["none", "not an id"])
        await expect(stores.products.get(unknown)).rejects.toMatchObject(reason("PRODUCT_NOT_FOUND"));
      expect(await stores.products.getPublished("P-3")).toEqual(published);
      const missing = stores.products.change("none", (product) => product);
      await expect(missing).rejects.toMatchObject(reason("PRODUCT_NOT_FOUND"));
    });

    it("are listed by id, of a category and those below it, page by page", async () => {
      await create(aDraft("P-0"));
      for (const id of ["P-1", "P-2"]) await sell(aDraft(id));
      await sell(aDraft("P-3", { categoryId: "books" }));
      const list = async (categoryId: string, after = "", limit = 10) =>
        ids(await stores.products.listPublished({ categoryId, after, limit }));
      expect(await list("")).toEqual(["P-1", "P-2", "P-3"]);
      expect(await list("", "P-1", 1)).toEqual(["P-2"]);
      expect(await list("kitchen")).toEqual(["P-1", "P-2"]);
      expect(await list("books")).toEqual(["P-3"]);
      expect(await list("none")).toEqual([]);
    });

    it("are listed for staff in any state, by text, category and status, in either order", async () => {
      await create(aDraft("P-1", { title: "Saucer" }));
      await sell(aDraft("P-2", { variants: [aVariant("SKU-9")] }));
      await sell(aDraft("P-3", { categoryId: "books" }));
      await stores.products.change("P-2", (product) => setPrice(product, "SKU-9", 1n, later(5)));
      const all: AnyProducts = {
        ...{ status: undefined, categoryId: "", text: "", lastChangedFirst: false, after: undefined, limit: 10 },
      };
      const list = async (query: Partial<AnyProducts> = {}) => ids(await stores.products.listAny({ ...all, ...query }));
      expect(await list()).toEqual(["P-1", "P-2", "P-3"]);
      expect(await list({ limit: 1, after: { id: "P-1", updatedAt: at } })).toEqual(["P-2"]);
      expect(await list({ lastChangedFirst: true })).toEqual(["P-2", "P-3", "P-1"]);
      const after = { id: "P-2", updatedAt: later(5) };
      expect(await list({ lastChangedFirst: true, after })).toEqual(["P-3", "P-1"]);
      expect(await list({ status: "draft" })).toEqual(["P-1"]);
      expect(await list({ categoryId: "kitchen" })).toEqual(["P-1", "P-2"]);
      for (const [text, found] of [
        ["sauc", ["P-1"]],
        ["sku-9", ["P-2"]],
        ["p-3", ["P-3"]],
        ["none", []],
      ] as const)
        expect(await list({ text })).toEqual(found);
    });
  });

  describe("quotes", () => {
    it("name the price of each item, or why it cannot be ordered", async () => {
      await create(aDraft("P-1"));
      await sell(aDraft("P-2"), true);
      await sell(aDraft("P-3", { variants: [aVariant("A", { title: "Blue" }), aVariant("B"), aVariant("C")] }));
      await stores.products.change("P-3", (product) => archiveVariant(product, "C", later(2)));
      const item = (productId: string, sku = "") => ({ productId, sku });
      const wanted = [item("P-2"), item("P-3", "A"), item("P-1"), item("none"), item("P-3"), item("P-3", "C")];
      const price = { unitPrice: { currency: "EUR", minor: 1200n }, weightGrams: 280 };
      expect(await stores.quotes.quote([...wanted, item("P-3", "P-2")])).toEqual([
        { productId: "P-2", sku: "P-2", title: "Enamel mug", ...price },
        { productId: "P-3", sku: "A", title: "Enamel mug, Blue", ...price },
        { productId: "P-1", sku: "", problem: "UNKNOWN_PRODUCT" },
        { productId: "none", sku: "", problem: "UNKNOWN_PRODUCT" },
        { productId: "P-3", sku: "", problem: "SKU_REQUIRED" },
        { productId: "P-3", sku: "C", problem: "UNKNOWN_SKU" },
        { productId: "P-3", sku: "P-2", problem: "UNKNOWN_SKU" },
      ]);
    });
  });
});
