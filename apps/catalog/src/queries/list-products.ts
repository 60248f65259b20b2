import { checkCategoryId, demand } from "../domain/checks.ts";
import type { Products } from "../ports.ts";
import { type PageRequest, pageOf, readPage } from "./page.ts";

/** Lists a page of published products by id. */
export function listProducts({ products }: { products: Pick<Products, "listPublished"> }) {
  return async ({ categoryId, ...request }: PageRequest & { readonly categoryId: string }) => {
    demand(categoryId !== "" && checkCategoryId(categoryId, "categoryId"));
    const { size, at: [after = ""] = [] } = readPage(request, /^([\w-]{1,64})$/);
    const found = await products.listPublished({ categoryId, after, limit: size + 1 });
    return pageOf(found, size, ({ id }) => id);
  };
}
