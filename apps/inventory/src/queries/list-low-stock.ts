import { definePages, type PageRequest } from "@kontor/paging";
import type { StockBook } from "../ports.ts";

const pages = definePages({
  list: "inventory.low-stock",
  domain: "inventory.shop",
  cursor: { available: /\d{1,10}/, sku: /[\w-]{1,64}/ },
});

/** Returns a page of the SKUs of which at most `maxAvailable` units can be reserved, the fewest first. */
export const listLowStock =
  ({ stock }: { stock: Pick<StockBook, "low"> }) =>
  async ({ maxAvailable, ...request }: PageRequest & { readonly maxAvailable: number }) => {
    const { after, ...page } = pages.read(request, { maxAvailable });
    const from = after && { after: { available: Number(after.available), sku: after.sku } };
    const found = await stock.low(maxAvailable, { ...from, limit: page.limit });
    return page.of(found, ({ available, sku }) => ({ available, sku }));
  };
