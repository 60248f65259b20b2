import { definePages, type PageRequest } from "@kontor/paging";
import type { StockBook } from "../ports.ts";

const pages = definePages({ list: "inventory.movements", domain: "inventory.shop", cursor: { id: /\d{1,18}/ } });

/** Returns a page of the movements of a SKU's stock, newest first. */
export const listMovements =
  ({ stock }: { stock: StockBook }) =>
  async ({ sku, ...request }: PageRequest & { readonly sku: string }) => {
    const { after, ...page } = pages.read(request, { sku });
    const from = after && { before: BigInt(after.id) };
    return page.of(await stock.movements(sku, { ...from, limit: page.limit }), ({ id }) => ({ id }));
  };
