import type { Money } from "@kontor/money";
import type { Tx } from "@kontor/postgres";
import type { Category } from "./domain/category.ts";
import type { Product } from "./domain/product.ts";

/** Categories. A new one is published in the transaction that keeps it. */
export interface Categories {
  /** Keeps a category once. Throws CATEGORY_EXISTS if it is another, CATEGORY_NOT_FOUND if the parent is missing. */
  create(category: Category): Promise<Category>;
  list(): Promise<readonly Category[]>;
}

/** Products. Each change publishes the whole product in the same transaction. */
export interface Products {
  /**
   * Keeps a product once: the same content again answers the product as it is now. Throws PRODUCT_EXISTS if the id has
   * other content, SKU_TAKEN, CATEGORY_NOT_FOUND.
   */
  create(product: Product, contentHash: Buffer): Promise<Product>;
  /** Locks the product and keeps what `decide` answers, unless that is the same product. Throws PRODUCT_NOT_FOUND. */
  change(productId: string, decide: (product: Product) => Product): Promise<Product>;
  /** In any state. Throws PRODUCT_NOT_FOUND. */
  get(productId: string): Promise<Product>;
  /** Throws PRODUCT_NOT_FOUND unless it is published. */
  getPublished(productId: string): Promise<Product>;
  /** Published ones by id, of a category and those below it if one is named. */
  listPublished(page: { categoryId: string; after: string; limit: number }): Promise<readonly Product[]>;
  /** Any, by id. */
  listAny(page: { after: string; limit: number }): Promise<readonly Product[]>;
}

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

/** A product as search keeps it. */
export type SearchEntry = {
  readonly productId: string;
  readonly version: number;
  readonly visible: boolean;
  readonly title: string;
  readonly description: string;
  readonly categoryId: string;
  readonly currency: string;
  readonly variants: readonly { readonly sku: string; readonly price: bigint }[];
  readonly createdAt: Date;
};

export type StockLevel = { readonly sku: string; readonly available: number; readonly version: number };

/** The write side of search. What is older than what is kept changes nothing, what is the same neither. */
export interface SearchIndex {
  keepProduct(tx: Tx, entry: SearchEntry): Promise<void>;
  keepStock(tx: Tx, level: StockLevel): Promise<void>;
}

export type SearchOrder = "relevance" | "cheapest" | "dearest" | "newest";

export type SearchQuery = {
  readonly words: string;
  readonly categoryId: string;
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
  readonly priceFrom: Money;
  readonly inStock: boolean;
  /** Its place in the order that was asked for. */
  readonly key: string;
};

export type SearchResult = {
  readonly hits: readonly SearchHit[];
  readonly total: number;
  readonly categories: readonly { readonly categoryId: string; readonly count: number }[];
};

export interface Search {
  search(query: SearchQuery): Promise<SearchResult>;
}
