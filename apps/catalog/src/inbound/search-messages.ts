import {
  type ListAnyProductsRequest,
  ProductOrder,
  SearchOrder,
  type SearchProductsRequest,
} from "@kontor/contracts/catalog/v1/catalog_service";
import { ProductStatus } from "@kontor/contracts/catalog/v1/product";
import { violation } from "@kontor/errors";
import { check, demand } from "../domain/checks.ts";
import { statusOf } from "../outbound/product-message.ts";
import type * as ports from "../ports.ts";
import type { ListAnyProducts } from "../queries/list-any-products.ts";
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

export function anyProductsOf({ status, q, orderBy, ...request }: ListAnyProductsRequest): ListAnyProducts {
  const wanted = statusOf(status);
  demand(
    check(
      wanted !== undefined || status === ProductStatus.UNSPECIFIED,
      violation("status", "NOT_IN", { values: "draft, published, unlisted, archived" }),
    ),
    check(orderBy in ProductOrder, violation("orderBy", "NOT_IN", { values: "last_changed" })),
  );
  const { categoryId, pageSize, pageToken } = request;
  const lastChangedFirst = orderBy === ProductOrder.LAST_CHANGED;
  return { status: wanted, text: q, lastChangedFirst, categoryId, pageSize, pageToken };
}

export function searchAnswer({ hits, categories, ...answer }: ports.SearchResult & { nextPageToken?: string }) {
  return { ...answer, hits: hits.map(({ key: _, ...hit }) => hit), categories: [...categories] };
}
