import type { StockMovement } from "../domain/stock.ts";
import type { StockBook } from "../ports.ts";

interface Page {
  readonly size: number;
  /** The last movement of the page before. */
  readonly before?: bigint;
}

/** A page of what happened to the stock of a SKU, newest first; `last` is where the next page goes on. */
export const listMovements =
  ({ stock }: { stock: StockBook }) =>
  async (sku: string, { size, ...from }: Page): Promise<{ movements: readonly StockMovement[]; last?: bigint }> => {
    const found = await stock.movements(sku, { ...from, limit: size + 1 });
    const movements = found.slice(0, size);
    const last = movements.at(-1);
    return { movements, ...(last && found.length > size && { last: last.id }) };
  };
