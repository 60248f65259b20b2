import { inventoryErrors } from "../domain/errors.ts";
import { committed, type Reservation } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/** Sells the units that an order has reserved. Committing twice changes nothing. */
export const commitReservation =
  ({ reservations }: { reservations: Reservations }) =>
  async (orderId: string): Promise<Reservation> => {
    const reservation = await reservations.commit(orderId);
    if (!reservation) throw inventoryErrors.RESERVATION_NOT_FOUND({ orderId });
    return committed(reservation);
  };
