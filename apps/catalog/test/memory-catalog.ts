import {
  CategoryChangedSchema,
  CategoryCreatedSchema,
  ProductChangedSchema,
} from "@kontor/shop/contracts/catalog/v1/events";
import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { type Category, MAX_CATEGORIES } from "../src/domain/category.ts";
import { catalogErrors } from "../src/domain/errors.ts";
import { onSale, type Product } from "../src/domain/product.ts";
import type { AnyProducts, Categories, Products, Quote, Quotes } from "../src/ports.ts";

/** The stores of the catalog, in memory. */
export interface MemoryCatalog {
  readonly categories: Categories;
  readonly products: Products;
  readonly quotes: Quotes;
  /** Returns the types of the events about a product or a category. */
  published(key: string): readonly string[];
}

type Tx = Parameters<Parameters<MemoryDatabase["transaction"]>[0]>[0];

/** Creates the stores of the catalog in memory. Search has none: what it finds is the work of PostgreSQL. */
export function createMemoryCatalog(db: MemoryDatabase): MemoryCatalog {
  const categories = db.table<string, Category>();
  const products = db.table<string, Product>();
  const hashes = db.table<string, Buffer>();
  const outbox = db.table<number, { readonly type: string; readonly key: string }>();

  const publish = (tx: Tx, { typeName: type }: { readonly typeName: string }, key: string) =>
    void outbox.rows(tx).set(outbox.rows(tx).size, { type, key });
  const isOnSale = ({ status }: Product) => status === "published" || status === "unlisted";

  function category(categoryId: string, tx?: Tx): Category {
    const found = categories.rows(tx).get(categoryId);
    if (found === undefined) throw catalogErrors.CATEGORY_NOT_FOUND({ categoryId });
    return found;
  }

  /** Returns the ids from the top down to a category; none if it does not exist. */
  function pathOf(categoryId: string, tx?: Tx): readonly string[] {
    const found = categories.rows(tx).get(categoryId);
    return found === undefined ? [] : [...pathOf(found.parentId, tx), categoryId];
  }

  function requireParent(tx: Tx, parentId: string, archived: boolean): void {
    if (parentId !== "" && category(parentId, tx).archived && !archived)
      throw catalogErrors.CATEGORY_ARCHIVED({ categoryId: parentId });
  }

  function requireUnused(tx: Tx, categoryId: string): void {
    const below = [...categories.rows(tx).values()].filter(({ parentId }) => parentId === categoryId);
    if (below.some(({ archived }) => !archived))
      throw catalogErrors.CATEGORY_IN_USE({ categoryId, usedBy: "categories below it" });
    const inside = [...products.rows(tx).values()].filter((product) => product.categoryId === categoryId);
    if (inside.some(isOnSale)) throw catalogErrors.CATEGORY_IN_USE({ categoryId, usedBy: "products on sale" });
  }

  function existing(productId: string, tx?: Tx): Product {
    const found = products.rows(tx).get(productId);
    if (found === undefined) throw catalogErrors.PRODUCT_NOT_FOUND({ productId });
    return found;
  }

  function store(tx: Tx, product: Product): void {
    category(product.categoryId, tx);
    const others = [...products.rows(tx).values()].filter(({ id }) => id !== product.id);
    const skus = new Set(others.flatMap(({ variants }) => variants.map(({ sku }) => sku)));
    const taken = product.variants.find(({ sku }) => skus.has(sku));
    if (taken !== undefined) throw catalogErrors.SKU_TAKEN({ sku: taken.sku });
    products.rows(tx).set(product.id, product);
    publish(tx, ProductChangedSchema, product.id);
  }

  function isBelow({ categoryId }: Product, wanted: string): boolean {
    return wanted === "" || pathOf(categoryId).includes(wanted);
  }

  return {
    published: (key) => [...outbox.rows().values()].flatMap((event) => (event.key === key ? [event.type] : [])),
    categories: {
      create: (created) =>
        db.transaction(async (tx) => {
          const { id, name, parentId } = created;
          const known = categories.rows(tx).get(id);
          if (known !== undefined) {
            if (known.name === name && known.parentId === parentId) return known;
            throw catalogErrors.CATEGORY_EXISTS({ categoryId: id });
          }
          if (categories.rows(tx).size >= MAX_CATEGORIES)
            throw catalogErrors.TOO_MANY_CATEGORIES({ limit: MAX_CATEGORIES });
          requireParent(tx, parentId, false);
          categories.rows(tx).set(id, created);
          publish(tx, CategoryCreatedSchema, id);
          return created;
        }),
      change: (categoryId, decide) =>
        db.transaction(async (tx) => {
          const before = category(categoryId, tx);
          const after = { ...before, ...decide(before) };
          const { name, parentId, archived } = after;
          const moved = parentId !== before.parentId;
          if (name === before.name && !moved && archived === before.archived) return before;
          if (moved || archived !== before.archived) requireParent(tx, parentId, archived);
          if (moved && pathOf(parentId, tx).includes(categoryId))
            throw catalogErrors.CATEGORY_CYCLE({ categoryId, parentId });
          if (archived && !before.archived) requireUnused(tx, categoryId);
          categories.rows(tx).set(categoryId, after);
          publish(tx, CategoryChangedSchema, categoryId);
          return after;
        }),
      list: async () => [...categories.rows().values()],
    },
    products: {
      create: (product, contentHash) =>
        db.transaction(async (tx) => {
          const known = products.rows(tx).get(product.id);
          if (known !== undefined) {
            if (hashes.rows(tx).get(product.id)?.equals(contentHash)) return known;
            throw catalogErrors.PRODUCT_EXISTS({ productId: product.id });
          }
          hashes.rows(tx).set(product.id, contentHash);
          store(tx, product);
          return product;
        }),
      change: (productId, decide) =>
        db.transaction(async (tx) => {
          const before = existing(productId, tx);
          const after = decide(before);
          if (after === before) return after;
          const placed = before.status !== after.status || before.categoryId !== after.categoryId;
          const { categoryId } = after;
          if (isOnSale(after) && placed && categories.rows(tx).get(categoryId)?.archived)
            throw catalogErrors.CATEGORY_ARCHIVED({ categoryId });
          store(tx, after);
          return after;
        }),
      get: async (productId) => existing(productId),
      async getPublished(productId) {
        const product = existing(productId);
        if (product.status !== "published") throw catalogErrors.PRODUCT_NOT_FOUND({ productId });
        return product;
      },
      async listPublished({ categoryId, after, limit }) {
        const published = [...products.rows().values()].filter(
          ({ id, status }) => status === "published" && id > after,
        );
        return published
          .filter((product) => isBelow(product, categoryId))
          .sort(byId)
          .slice(0, limit);
      },
      async listAny({ status, categoryId, text, lastChangedFirst, after, limit }) {
        const order = lastChangedFirst ? byLastChange : byId;
        return [...products.rows().values()]
          .filter((product) => (status === undefined || product.status === status) && isBelow(product, categoryId))
          .filter((product) => hasText(product, text.toLowerCase()))
          .filter((product) => after === undefined || order(after, product) < 0)
          .sort(order)
          .slice(0, limit);
      },
    },
    quotes: {
      async quote(items) {
        return items.map(({ productId, sku }): Quote => {
          const product = products.rows().get(productId);
          if (product === undefined || !isOnSale(product)) return { productId, sku, problem: "UNKNOWN_PRODUCT" };
          const [variant, ...others] = onSale(product).filter((each) => sku === "" || each.sku === sku);
          if (variant === undefined) return { productId, sku, problem: "UNKNOWN_SKU" };
          if (others.length > 0) return { productId, sku, problem: "SKU_REQUIRED" };
          const { sku: found, price: minor, weightGrams } = variant;
          const title = variant.title === "" ? product.title : `${product.title}, ${variant.title}`;
          return { productId, sku: found, title, unitPrice: { currency: product.currency, minor }, weightGrams };
        });
      },
    },
  };
}

type Place = NonNullable<AnyProducts["after"]>;
const byId = (a: Pick<Place, "id">, b: Pick<Place, "id">) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const byLastChange = (a: Place, b: Place) => b.updatedAt.getTime() - a.updatedAt.getTime() || byId(b, a);

function hasText({ id, title, variants }: Product, text: string): boolean {
  return [id, title, ...variants.map(({ sku }) => sku)].some((each) => each.toLowerCase().includes(text));
}
