import { violation } from "@kontor/errors";
import { definePages, type PageRequest } from "@kontor/paging";
import { check, validate } from "../domain/checks.ts";
import type { Search, SearchQuery } from "../ports.ts";

export type SearchProducts = Omit<SearchQuery, "after" | "limit"> & PageRequest;

const pages = definePages({
  list: "catalog.search",
  domain: "catalog.shop",
  cursor: { key: /-?\d{1,20}(?:\.\d{1,60})?/, productId: /[\w-]{1,64}/ },
});

/** Searches published products. Prices are filtered and sorted within one currency, by default the shop's main one. */
export function searchProducts({ search, currencies }: { search: Search; currencies: readonly string[] }) {
  return async ({ pageSize, pageToken, ...request }: SearchProducts) => {
    const { minPrice = 0n, maxPrice, orderBy } = request;
    const byPrice = request.minPrice !== undefined || maxPrice !== undefined;
    const priced = byPrice || orderBy === "cheapest" || orderBy === "dearest";
    const query = { ...request, currency: request.currency || (priced ? (currencies[0] ?? "") : "") };
    validate(
      check(maxPrice === undefined || maxPrice >= minPrice, violation("maxPrice", "TOO_SMALL", { min: minPrice })),
    );
    const page = pages.read({ pageSize, pageToken }, query);
    const { hits, total, categories } = await search.search({ ...query, after: page.after, limit: page.limit });
    const { items, ...next } = page.of(hits, ({ key, productId }) => ({ key, productId }));
    return { hits: items, ...next, total, categories };
  };
}
