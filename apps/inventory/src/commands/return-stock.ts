import type { Reservation } from "../domain/reservation.ts";
import type { Reservations } from "../ports.ts";

/** Takes the units of an order back, whether sold or only held. Returning twice changes nothing. */
export const returnStock =
  ({ reservations }: { reservations: Reservations }) =>
  (orderId: string): Promise<Reservation> =>
    reservations.undo(orderId, { soldToo: true });
