import { isKontorError } from "@kontor/errors";
import { inventoryErrors } from "../domain/errors.ts";
import type { Reservations } from "../ports.ts";

const BATCH = 100;

/**
 * Gives back the units of all reservations whose time is over. Leaves those for the next run whose SKU is locked. Resolves to whether
 * there were any.
 */
export const expireReservations =
  ({ reservations }: { reservations: Reservations }) =>
  async (): Promise<boolean> => {
    let page: readonly string[] = [];
    let found = false;
    do {
      page = await reservations.overdue(BATCH, page.at(-1));
      found ||= page.length > 0;
      await Promise.all(page.map((orderId) => reservations.expire(orderId).catch(unlessBusy)));
    } while (page.length === BATCH);
    return found;
  };

function unlessBusy(error: unknown): void {
  if (!isKontorError(error, inventoryErrors.STOCK_BUSY.reason)) throw error;
}
