import type { Database } from "@kontor/postgres";
import { searchTerms } from "../domain/search-terms.ts";
import type { Search, SearchHit, SearchResult } from "../ports.ts";
import { searchSql } from "./search-sql.ts";

type HitRow = Omit<SearchHit, "priceFrom"> & { readonly priceFrom: string; readonly currency: string };
type ResultRow = Omit<SearchResult, "hits"> & { readonly hits: readonly HitRow[] };

/** Search in PostgreSQL, one query for the page, the total and the counts. */
export function createSearch(db: Database): Search {
  return {
    async search({ words, categoryId, currency, minPrice, maxPrice, inStock, orderBy, after, limit }) {
      const { terms, code, plain } = searchTerms(words);
      // Only characters that no word has: nothing can match.
      if (words.trim() !== "" && terms.length === 0) return { hits: [], total: 0, categories: [] };
      const variants = inStock || minPrice !== undefined || maxPrice !== undefined;
      const sql = searchSql({ words: terms.length > 0, variants, orderBy });
      const filters = [categoryId, minPrice ?? null, maxPrice ?? null, inStock, currency];
      const page = [after?.key ?? null, after?.productId ?? "", limit];
      // Not a named statement: with the values known, PostgreSQL leaves out the branches that do not apply.
      const [row] = await db.query<ResultRow>(sql, [JSON.stringify(terms), code, plain, ...filters, ...page]);
      if (row === undefined) throw new Error("A search without a result row.");
      return { ...row, hits: row.hits.map(hitOf) };
    },
  };
}

function hitOf({ currency, priceFrom, ...hit }: HitRow): SearchHit {
  return { ...hit, priceFrom: { currency, minor: BigInt(priceFrom) } };
}
