import type { Money } from "@kontor/money";
import type { Sql, Tx } from "@kontor/postgres";
import type { Category, CategoryEdit } from "./domain/category.ts";
import type { Product, ProductStatus, Variant } from "./domain/product.ts";

/** Categories. A new one is published in the transaction that stores it. */
export interface Categories {
  /** Stores a category once. Throws CATEGORY_EXISTS if it is another, CATEGORY_NOT_FOUND if the parent is missing. */
  create(category: Category): Promise<Category>;
  /**
   * Locks a category, changes what `decide` returns and publishes the change. Throws CATEGORY_NOT_FOUND, CATEGORY_CYCLE, CATEGORY_ARCHIVED
   * if the category above is archived, CATEGORY_IN_USE if it would be archived with products on sale.
   */
  change(
    categoryId: string,
    decide: (category: Category) => CategoryEdit & { readonly archived?: boolean },
  ): Promise<Category>;
  list(): Promise<readonly Category[]>;
}

/** Products. Each change publishes the whole product in the same transaction. */
export interface Products {
  /**
   * Stores a product once: the same content again returns the present product. Throws PRODUCT_EXISTS if the id has
   * other content, SKU_TAKEN, CATEGORY_NOT_FOUND.
   */
  create(product: Product, contentHash: Buffer): Promise<Product>;
  /** Locks the product and stores the result of `decide`, unless that is the same product. Throws PRODUCT_NOT_FOUND. */
  change(productId: string, decide: (product: Product) => Product): Promise<Product>;
  /** In any state. Throws PRODUCT_NOT_FOUND. */
  get(productId: string): Promise<Product>;
  /** Throws PRODUCT_NOT_FOUND unless it is published. */
  getPublished(productId: string): Promise<Product>;
  /** Published ones by id, of a category and those below it if one is named. */
  listPublished(page: { categoryId: string; after: string; limit: number }): Promise<readonly Product[]>;
  /** In any state. */
  listAny(query: AnyProducts): Promise<readonly Product[]>;
}

/** Which products of any state, in which order, and from where on. */
export type AnyProducts = {
  readonly status: ProductStatus | undefined;
  readonly categoryId: string;
  /** A part of an id, title or SKU, in any case. */
  readonly text: string;
  readonly lastChangedFirst: boolean;
  /** The last product of the page before. */
  readonly after: { readonly id: string; readonly updatedAt: Date } | undefined;
  readonly limit: number;
};

export type WantedItem = { readonly productId: string; readonly sku: string };

export type Quote = WantedItem &
  (
    | { readonly problem: "UNKNOWN_PRODUCT" | "UNKNOWN_SKU" | "SKU_REQUIRED" }
    | { readonly problem?: never; readonly title: string; readonly unitPrice: Money; readonly weightGrams: number }
  );

export interface Quotes {
  /** One for each item, in the same order, at the prices of one moment. */
  quote(items: readonly WantedItem[]): Promise<readonly Quote[]>;
}

/** A product as search stores it. */
export type SearchEntry = {
  readonly productId: string;
  readonly version: number;
  readonly visible: boolean;
  readonly title: string;
  readonly description: string;
  readonly categoryId: string;
  readonly currency: string;
  readonly variants: readonly Pick<Variant, "sku" | "title" | "optionValues" | "price">[];
  readonly createdAt: Date;
};

export type StockLevel = { readonly sku: string; readonly available: number; readonly version: number };

/** Which products search has to store again: all that it lacks or has in an old form, or those with an old version or stock. */
export type Stale = "all" | "overwritten" | "stock";

/** The write side of search. A version that is not newer than the stored one changes nothing. */
export interface SearchIndex {
  storeProduct(tx: Tx, entry: SearchEntry): Promise<void>;
  /** Stores levels of stock. Of two levels of a SKU the newer one counts. */
  storeStock(tx: Tx, levels: readonly StockLevel[]): Promise<void>;
  /** Reads the stock of the variants of products again. */
  showStock(tx: Tx, productIds: readonly string[]): Promise<void>;
  /** Returns the ids of stale products after an id, in order. */
  stale(sql: Sql, kind: Stale, page: { readonly after: string; readonly limit: number }): Promise<readonly string[]>;
  /** Returns how many products there are. */
  count(sql: Sql): Promise<number>;
}

export type SearchOrder = "relevance" | "cheapest" | "dearest" | "newest";

export type SearchQuery = {
  readonly words: string;
  readonly categoryId: string;
  /** Empty: any. */
  readonly currency: string;
  readonly minPrice: bigint | undefined;
  readonly maxPrice: bigint | undefined;
  readonly inStock: boolean;
  readonly orderBy: SearchOrder;
  /** Where to go on: the key and the id of the last hit. */
  readonly after: { readonly key: string; readonly productId: string } | undefined;
  readonly limit: number;
};

export type SearchHit = {
  readonly productId: string;
  readonly title: string;
  readonly categoryId: string;
  /** The price of the cheapest variant inside the filter. */
  readonly priceFrom: Money;
  /** Whether a variant inside the filter is in stock. */
  readonly inStock: boolean;
  /** Its position in the requested order. */
  readonly key: string;
};

export type SearchResult = {
  readonly hits: readonly SearchHit[];
  readonly total: number;
  /** How many results each category has, those of the categories below it included. */
  readonly categories: readonly { readonly categoryId: string; readonly count: number }[];
};

export interface Search {
  search(query: SearchQuery): Promise<SearchResult>;
}
