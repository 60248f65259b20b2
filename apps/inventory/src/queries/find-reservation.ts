import { inventoryErrors } from "../domain/errors.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/** Returns the reservation of an order. */
export const findReservation =
  ({ reservations }: { reservations: Reservations }) =>
  async (orderId: string): Promise<Reservation> => {
    const found = await reservations.find(orderId);
    if (!found) throw inventoryErrors.RESERVATION_NOT_FOUND({ orderId });
    return found;
  };
