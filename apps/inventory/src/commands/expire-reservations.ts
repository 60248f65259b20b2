import { isKontorError } from "@kontor/errors";
import { inventoryErrors } from "../domain/errors.ts";
import type { Reservations } from "../ports.ts";

const BATCH = 100;

/** Gives back the units of all reservations whose time is over. Leaves those for the next run whose SKU is locked. */
export const expireReservations =
  ({ reservations }: { reservations: Reservations }) =>
  async (): Promise<void> => {
    let page: readonly string[] = [];
    do {
      page = await reservations.overdue(BATCH, page.at(-1));
      await Promise.all(page.map((orderId) => reservations.expire(orderId).catch(unlessBusy)));
    } while (page.length === BATCH);
  };

function unlessBusy(error: unknown): void {
  if (!isKontorError(error, inventoryErrors.STOCK_BUSY.reason)) throw error;
}
