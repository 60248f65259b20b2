import { definePages, type PageRequest } from "@kontor/paging";
import { check, checkCategoryId, checkText, demand } from "../domain/checks.ts";
import type { Search, SearchQuery } from "../ports.ts";

export type SearchProducts = Omit<SearchQuery, "after" | "limit"> & PageRequest;

const pages = definePages({
  list: "catalog.search",
  domain: "catalog.kontor",
  cursor: { key: /-?\d{1,20}(?:\.\d{1,60})?/, productId: /[\w-]{1,64}/ },
});

/** Searches published products. */
export function searchProducts({ search }: { search: Search }) {
  return async ({ pageSize, pageToken, ...query }: SearchProducts) => {
    const { words, categoryId, minPrice = 0n, maxPrice } = query;
    demand(
      checkText(words, "q", 200),
      categoryId !== "" && checkCategoryId(categoryId, "categoryId"),
      check(minPrice >= 0n, "minPrice", "Must not be negative."),
      check(maxPrice === undefined || maxPrice >= minPrice, "maxPrice", "Must not be below minPrice or 0."),
    );
    const page = pages.read({ pageSize, pageToken }, query);
    const { hits, total, categories } = await search.search({ ...query, after: page.after, limit: page.limit });
    const { items, ...next } = page.of(hits, ({ key, productId }) => ({ key, productId }));
    return { hits: items, ...next, total, categories };
  };
}
