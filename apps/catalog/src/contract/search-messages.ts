import {
  type ListAnyProductsRequest,
  ProductOrder,
  SearchOrder,
  type SearchProductsRequest,
} from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { ProductStatus } from "@kontor/shop/contracts/catalog/v1/product";
import type { ProductStatus as Status } from "../domain/product.ts";
import type * as ports from "../ports.ts";
import type { ListAnyProducts } from "../queries/list-any-products.ts";
import type { SearchProducts } from "../queries/search-products.ts";

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

/** Returns the response of SearchProducts. */
export function searchOf({ q, orderBy, ...request }: SearchProductsRequest): SearchProducts {
  const { categoryId, currency, minPrice, maxPrice, inStock, pageSize, pageToken } = request;
  return { words: q, categoryId, currency, minPrice, maxPrice, inStock, orderBy: orders[orderBy], pageSize, pageToken };
}

/** Returns the response of ListAnyProducts. */
export function anyProductsOf({ q, status, orderBy, ...request }: ListAnyProductsRequest): ListAnyProducts {
  const { categoryId, pageSize, pageToken } = request;
  const kind = { status: statuses[status], lastChangedFirst: lastChangedFirst[orderBy] };
  return { ...kind, text: q, categoryId, pageSize, pageToken };
}

export function searchAnswer({ hits, categories, ...answer }: ports.SearchResult & { nextPageToken?: string }) {
  return { ...answer, hits: hits.map(({ key: _, ...hit }) => hit), categories: [...categories] };
}
