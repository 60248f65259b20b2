import { SearchOrder, type SearchProductsRequest } from "@kontor/contracts/catalog/v1/catalog_service";
import { violation } from "@kontor/errors";
import { check, demand } from "../domain/checks.ts";
import type * as ports from "../ports.ts";
import type { SearchProducts } from "../queries/search-products.ts";

const orders = {
  [SearchOrder.UNSPECIFIED]: "relevance",
  [SearchOrder.PRICE_ASCENDING]: "cheapest",
  [SearchOrder.PRICE_DESCENDING]: "dearest",
  [SearchOrder.NEWEST]: "newest",
} satisfies Record<SearchOrder, ports.SearchOrder>;

/** What requests may name. */
const ORDERS = ["price_ascending", "price_descending", "newest"];

export function searchOf({ q, orderBy, ...request }: SearchProductsRequest): SearchProducts {
  demand(check(orderBy in orders, violation("orderBy", "NOT_IN", { values: ORDERS })));
  const { categoryId, currency, minPrice, maxPrice, inStock, pageSize, pageToken } = request;
  return { words: q, categoryId, currency, minPrice, maxPrice, inStock, orderBy: orders[orderBy], pageSize, pageToken };
}

export function searchAnswer({ hits, categories, ...answer }: ports.SearchResult & { nextPageToken?: string }) {
  return { ...answer, hits: hits.map(({ key: _, ...hit }) => hit), categories: [...categories] };
}
