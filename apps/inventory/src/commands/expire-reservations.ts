import type { Reservations } from "../ports.ts";

const BATCH = 100;

/** Gives back the units of all reservations that nobody committed in time. */
export const expireReservations =
  ({ reservations }: { reservations: Reservations }) =>
  async (): Promise<void> => {
    while ((await reservations.expire(BATCH)) === BATCH);
  };
