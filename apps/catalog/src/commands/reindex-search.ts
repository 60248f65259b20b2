import type { Database } from "@kontor/postgres";
import { onSale, type Product } from "../domain/product.ts";
import type { Products, SearchEntry, SearchIndex, Stale } from "../ports.ts";

const BATCH = 100;
/** All stock is compared in the first of this many rounds. */
const STOCK_ROUNDS = 20;

export type ReindexProgress = { readonly indexed: number; readonly products: number; readonly done: boolean };

/**
 * Stores products again that search lacks or has in an old form, while it serves searches and consumes events. A document that an event
 * updates meanwhile remains. The first round reads all products, so a database of the previous version is indexed again. Later rounds read
 * the products that a pod of the previous version has written since. One replica works at a time.
 */
export function reindexSearch({
  db,
  products,
  searchIndex,
  signal,
  onProgress,
}: {
  readonly db: Database;
  readonly products: Pick<Products, "get">;
  readonly searchIndex: Omit<SearchIndex, "storeStock">;
  /** Ends a round early. */
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: ReindexProgress) => void;
}) {
  let round = 0;

  async function storeAgain(kind: Stale): Promise<number> {
    let indexed = 0;
    for (let after = ""; !signal?.aborted; ) {
      const ids = await searchIndex.stale(db, kind, { after, limit: BATCH });
      for (const id of ids) await storeOne(id, kind);
      indexed += ids.length;
      const last = ids.at(-1);
      const done = last === undefined || ids.length < BATCH;
      if (indexed > 0 && (done || indexed % 1_000 === 0))
        onProgress({ indexed, products: await searchIndex.count(db), done });
      if (done) break;
      after = last;
    }
    return indexed;
  }

  async function storeOne(productId: string, kind: Stale): Promise<void> {
    if (kind === "stock") return db.transaction((tx) => searchIndex.showStock(tx, [productId]));
    const product = await products.get(productId);
    await db.transaction(async (tx) => {
      // A product that a crash loses is stale again.
      await tx.query("SET LOCAL synchronous_commit = off");
      await searchIndex.storeProduct(tx, entryOf(product));
    });
  }

  /** Runs a round and returns how many products it stored. */
  return async (): Promise<number> => {
    const lease = await db.lock("catalog.reindex-search");
    if (lease === undefined) return 0;
    try {
      const stored = await storeAgain(round === 0 ? "all" : "overwritten");
      const counted = round % STOCK_ROUNDS === 0 ? await storeAgain("stock") : 0;
      round += 1;
      return stored + counted;
    } finally {
      await lease.release();
    }
  };
}

function entryOf({ id, status, ...product }: Product): SearchEntry {
  return { ...product, productId: id, visible: status === "published", variants: onSale(product) };
}
