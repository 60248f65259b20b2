import { inventoryErrors } from "../domain/errors.ts";
import { type Booking, booked, type Stock } from "../domain/stock.ts";
import type { StockBook } from "../ports.ts";

/** Books goods that came in, or a correction. The same reference again changes nothing. Answers the stock after it. */
export const bookStock =
  ({ stock }: { stock: StockBook }) =>
  async (booking: Booking): Promise<Stock> => {
    booked(await stock.book(booking), booking);
    const after = await stock.find(booking.sku);
    if (!after) throw inventoryErrors.SKU_NOT_FOUND({ sku: booking.sku });
    return after;
  };
