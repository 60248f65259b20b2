import { definePages, type PageRequest } from "@kontor/paging";
import type { AnyProducts, Products } from "../ports.ts";

export type ListAnyProducts = PageRequest & Omit<AnyProducts, "after" | "limit">;

const pages = definePages({
  list: "catalog.any-products",
  domain: "catalog.shop",
  cursor: { updatedAt: /\d{1,15}/, id: /[\w-]{1,64}/ },
});

/** Returns a page of products in any state. */
export function listAnyProducts({ products }: { products: Pick<Products, "listAny"> }) {
  return async ({ pageSize, pageToken, ...query }: ListAnyProducts) => {
    const { after, ...page } = pages.read({ pageSize, pageToken }, query);
    const from = after && { id: after.id, updatedAt: new Date(Number(after.updatedAt)) };
    const found = await products.listAny({ ...query, after: from, limit: page.limit });
    return page.of(found, ({ id, updatedAt }) => ({ id, updatedAt: updatedAt.getTime() }));
  };
}
