import { inventoryErrors } from "../domain/errors.ts";
import type { Stock } from "../domain/stock.ts";
import type { StockBook } from "../ports.ts";

/** Returns the stock of a SKU. */
export const findStock =
  ({ stock }: { stock: StockBook }) =>
  async (sku: string): Promise<Stock> => {
    const found = await stock.find(sku);
    if (!found) throw inventoryErrors.SKU_NOT_FOUND({ sku });
    return found;
  };
