import { type Reservation, reserved, type StockItem } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/** Sets stock aside for an order, all or nothing. The order is the key: repeating the request returns the same reservation. */
export const reserveStock =
  ({ reservations }: { reservations: Reservations }) =>
  async (orderId: string, items: readonly StockItem[]): Promise<Reservation> =>
    reserved(await reservations.reserve(orderId, items), items);
