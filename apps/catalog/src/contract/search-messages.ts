import {
  type ListAnyProductsRequest,
  ProductOrder,
  ProductOrderSchema,
  SearchOrder,
  SearchOrderSchema,
  type SearchProductsRequest,
} from "@kontor/contracts/catalog/v1/catalog_service";
import { ProductStatus, ProductStatusSchema } from "@kontor/contracts/catalog/v1/product";
import { readFilters } from "@kontor/paging";
import type { ProductStatus as Status } from "../domain/product.ts";
import type * as ports from "../ports.ts";
import type { ListAnyProducts } from "../queries/list-any-products.ts";
import type { SearchProducts } from "../queries/search-products.ts";

const domain = "catalog.kontor";

const orders: Readonly<Record<SearchOrder, ports.SearchOrder>> = {
  [SearchOrder.UNSPECIFIED]: "relevance",
  [SearchOrder.PRICE_ASCENDING]: "cheapest",
  [SearchOrder.PRICE_DESCENDING]: "dearest",
  [SearchOrder.NEWEST]: "newest",
};

const lastChangedFirst: Readonly<Record<ProductOrder, boolean>> = {
  [ProductOrder.UNSPECIFIED]: false,
  [ProductOrder.LAST_CHANGED]: true,
};

const statuses: Readonly<Record<ProductStatus, Status | undefined>> = {
  [ProductStatus.UNSPECIFIED]: undefined,
  [ProductStatus.DRAFT]: "draft",
  [ProductStatus.PUBLISHED]: "published",
  [ProductStatus.ARCHIVED]: "archived",
  [ProductStatus.UNLISTED]: "unlisted",
};

/** Returns what SearchProducts finds. Throws INVALID_REQUEST that names each wrong field. */
export function searchOf({ q, orderBy, ...request }: SearchProductsRequest): SearchProducts {
  const filters = readFilters(domain);
  const order = filters.choice("orderBy", SearchOrderSchema, orderBy, orders) ?? "relevance";
  filters.end();
  const { categoryId, currency, minPrice, maxPrice, inStock, pageSize, pageToken } = request;
  return { words: q, categoryId, currency, minPrice, maxPrice, inStock, orderBy: order, pageSize, pageToken };
}

/** Returns what ListAnyProducts lists. Throws INVALID_REQUEST that names each wrong field. */
export function anyProductsOf({ q, ...request }: ListAnyProductsRequest): ListAnyProducts {
  const filters = readFilters(domain);
  const { categoryId, pageSize, pageToken } = request;
  const list = {
    status: filters.choice("status", ProductStatusSchema, request.status, statuses),
    lastChangedFirst: filters.choice("orderBy", ProductOrderSchema, request.orderBy, lastChangedFirst) ?? false,
    ...{ text: q, categoryId, pageSize, pageToken },
  };
  filters.end();
  return list;
}

export function searchAnswer({ hits, categories, ...answer }: ports.SearchResult & { nextPageToken?: string }) {
  return { ...answer, hits: hits.map(({ key: _, ...hit }) => hit), categories: [...categories] };
}
