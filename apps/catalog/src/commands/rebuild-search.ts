import type { Database } from "@kontor/postgres";
import type { Product } from "../domain/product.ts";
import type { Products, SearchEntry, SearchIndex } from "../ports.ts";

const BATCH = 100;

/**
 * Makes the search entries of all products anew while search answers and events come in: what an event has made newer
 * meanwhile stays. Stock is taken from what was heard of it. Answers how many products there are.
 */
export function rebuildSearch({
  db,
  products,
  searchIndex,
}: {
  db: Database;
  products: Pick<Products, "listAny">;
  searchIndex: Pick<SearchIndex, "keepProduct">;
}) {
  return async (): Promise<number> => {
    let count = 0;
    for (let after = ""; ; ) {
      const batch = await products.listAny({ after, limit: BATCH });
      for (const product of batch) await db.transaction((tx) => searchIndex.keepProduct(tx, entryOf(product)));
      count += batch.length;
      const last = batch.at(-1);
      if (last === undefined || batch.length < BATCH) return count;
      after = last.id;
    }
  };
}

function entryOf({ id, status, ...product }: Product): SearchEntry {
  return { ...product, productId: id, visible: status === "published" };
}
