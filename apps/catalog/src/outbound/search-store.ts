import type { Sql } from "@kontor/postgres";
import { searchTerms } from "../domain/search-terms.ts";
import type { Search, SearchHit } from "../ports.ts";
import { searchStatement } from "./search-sql.ts";

/** A hit as JSON has it. */
export type HitRow = Omit<SearchHit, "priceFrom"> & { readonly priceFrom: string; readonly currency: string };

/** Search in PostgreSQL, one query for the page, the total and the counts. */
export function createSearch(db: Sql): Search {
  return {
    async search({ words, categoryId, currency, minPrice, maxPrice, inStock, orderBy, after, limit }) {
      const { terms, code, plain } = searchTerms(words);
      // Only characters that no word has: nothing can match.
      if (words.trim() !== "" && terms.length === 0) return { hits: [], total: 0, categories: [] };
      const variants = inStock || minPrice !== undefined || maxPrice !== undefined;
      const filters = [categoryId, minPrice ?? null, maxPrice ?? null, inStock, currency] as const;
      const page = [after?.key ?? null, after?.productId ?? "", limit] as const;
      const form = { words: terms.length > 0, variants, orderBy };
      const [row] = await db.query(searchStatement(form, [JSON.stringify(terms), code, plain, ...filters, ...page]));
      if (row === undefined) throw new Error("A search without a result row.");
      return { ...row, hits: row.hits.map(hitOf) };
    },
  };
}

function hitOf({ currency, priceFrom, ...hit }: HitRow): SearchHit {
  return { ...hit, priceFrom: { currency, minor: BigInt(priceFrom) } };
}
