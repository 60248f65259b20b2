import { type Reservation, released } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/** Releases the units that an order has reserved, or prevents a later reservation. Releasing twice changes nothing. */
export const releaseReservation =
  ({ reservations }: { reservations: Reservations }) =>
  async (orderId: string): Promise<Reservation> =>
    released(await reservations.undo(orderId, { soldToo: false }));
