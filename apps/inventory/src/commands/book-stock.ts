import { type CallLimits, type Idempotency, requestHash } from "@kontor/idempotency";
import { inventoryErrors } from "../domain/errors.ts";
import type { Booking, Stock } from "../domain/stock.ts";
import type { StockBook } from "../ports.ts";

/** The limits of the call, and the function that throws if the fields of a new booking are invalid. */
export interface BookingTerms {
  readonly call: CallLimits;
  readonly validate: () => void;
}

/**
 * Books received goods, or a correction, once per reference. Returns the stock after it. A refusal settles the reference too. `validate`
 * throws for a new booking only.
 */
export const bookStock =
  ({ idempotency, stock }: { idempotency: Idempotency; stock: StockBook }) =>
  async (booking: Booking, { call, validate }: BookingTerms): Promise<Stock> => {
    const { kind, sku, locationId, delta, reason, reference } = booking;
    const hash = requestHash({ kind, sku, locationId, delta, reason });
    await idempotency.once(
      { scope: "stock", key: reference, hash },
      { call, admit: validate, perform: (claim) => stock.book(booking, claim), replay: async () => undefined },
    );
    const after = await stock.find(sku);
    if (!after) throw inventoryErrors.SKU_NOT_FOUND({ sku });
    return after;
  };
