import { paymentErrors } from "./errors.ts";
import type { RestockedItem } from "./refund-parts.ts";

/** The units of one SKU that an order bought, and how many of them are back in stock. */
export interface SoldItem {
  readonly sku: string;
  readonly sold: number;
  readonly returned: number;
}

/**
 * Checks the units that a refund returns to stock. `promised` are those of earlier accepted refunds.
 *
 * @throws KontorError RESTOCK_TOO_HIGH naming the first line with more units than are left
 */
export function checkRestock(
  restock: readonly RestockedItem[],
  sold: readonly SoldItem[],
  promised: readonly RestockedItem[],
): void {
  for (const [index, { sku, quantity }] of restock.entries()) {
    const item = sold.find((each) => each.sku === sku) ?? { sold: 0, returned: 0 };
    const accepted = promised.find((each) => each.sku === sku)?.quantity ?? 0;
    const returned = Math.max(item.returned, accepted);
    const left = Math.max(0, item.sold - returned);
    const field = `restock[${index}].quantity`;
    if (quantity > left)
      throw paymentErrors.RESTOCK_TOO_HIGH({ field, sku, quantity, sold: item.sold, returned, left });
  }
}
