import { knownUnlessValid } from "@kontor/idempotency";
import { type Reservation, reserved, type StockItem } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/**
 * Sets stock aside for an order, all or nothing. The order is the key: repeating the request returns the same reservation;
 * `validate` throws for a new one only.
 */
export const reserveStock =
  ({ reservations }: { reservations: Reservations }) =>
  async (orderId: string, items: readonly StockItem[], validate: () => void): Promise<Reservation> => {
    const known = await knownUnlessValid(validate, () => reservations.find(orderId));
    return reserved(known ?? (await reservations.reserve(orderId, items)), items);
  };
