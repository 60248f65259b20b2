import { definePages, type PageRequest } from "@kontor/paging";
import type { Products } from "../ports.ts";

const pages = definePages({ list: "catalog.products", domain: "catalog.shop", cursor: { id: /[\w-]{1,64}/ } });

/** Returns a page of published products by id. */
export function listProducts({ products }: { products: Pick<Products, "listPublished"> }) {
  return async ({ categoryId, ...request }: PageRequest & { readonly categoryId: string }) => {
    const page = pages.read(request, { categoryId });
    const found = await products.listPublished({ categoryId, after: page.after?.id ?? "", limit: page.limit });
    return page.of(found, ({ id }) => ({ id }));
  };
}
