import { type CallLimits, type Idempotency, requestHash } from "@kontor/idempotency";
import { inventoryErrors } from "../domain/errors.ts";
import type { Booking, Stock } from "../domain/stock.ts";
import type { StockBook } from "../ports.ts";

/**
 * Books goods that came in, or a correction, once per reference. Returns the stock as it is after that. A refusal settles
 * the reference, too.
 */
export const bookStock =
  ({ idempotency, stock }: { idempotency: Idempotency; stock: StockBook }) =>
  async (booking: Booking, call: CallLimits): Promise<Stock> => {
    const { kind, sku, locationId, delta, reason, reference } = booking;
    const hash = requestHash({ kind, sku, locationId, delta, reason });
    await idempotency.once(
      { scope: "stock", key: reference, hash },
      { call, perform: (claim) => stock.book(booking, claim), replay: async () => undefined },
    );
    const after = await stock.find(sku);
    if (!after) throw inventoryErrors.SKU_NOT_FOUND({ sku });
    return after;
  };
