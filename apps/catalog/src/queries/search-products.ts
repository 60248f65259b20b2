import { check, checkCategoryId, checkText, demand } from "../domain/checks.ts";
import type { Search, SearchQuery } from "../ports.ts";
import { type PageRequest, pageOf, readPage } from "./page.ts";

export type SearchProducts = Omit<SearchQuery, "after" | "limit"> & PageRequest;

/** Searches published products. A token goes on in the order it was given for. */
export function searchProducts({ search }: { search: Search }) {
  return async ({ pageSize, pageToken, ...query }: SearchProducts) => {
    const { words, categoryId, minPrice = 0n, maxPrice } = query;
    demand(
      checkText(words, "q", 200),
      categoryId !== "" && checkCategoryId(categoryId, "categoryId"),
      check(minPrice >= 0n, "minPrice", "Must not be negative."),
      check(maxPrice === undefined || maxPrice >= minPrice, "maxPrice", "Must not be below minPrice or 0."),
    );
    const cursor = new RegExp(`^${query.orderBy} (-?\\d{1,20}(?:\\.\\d{1,60})?) ([\\w-]{1,64})$`);
    const { size, at } = readPage({ pageSize, pageToken }, cursor);
    const after = at && { key: at[0] ?? "", productId: at[1] ?? "" };
    const { hits, total, categories } = await search.search({ ...query, after, limit: size + 1 });
    const { items, nextPageToken } = pageOf(hits, size, ({ key, productId }) => `${query.orderBy} ${key} ${productId}`);
    return { hits: items, nextPageToken, total, categories };
  };
}
