import { type Reservation, released } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/** Gives back what an order has reserved, or makes sure that it never reserves. Releasing twice changes nothing. */
export const releaseReservation =
  ({ reservations }: { reservations: Reservations }) =>
  async (orderId: string): Promise<Reservation> =>
    released(await reservations.undo(orderId, { soldToo: false }));
