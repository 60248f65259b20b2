import { defineService, repeat } from "@kontor/service";
import { announceChanges } from "./commands/announce-changes.ts";
import { bookStock } from "./commands/book-stock.ts";
import { commitReservation } from "./commands/commit-reservation.ts";
import { expireReservations } from "./commands/expire-reservations.ts";
import { releaseReservation } from "./commands/release-reservation.ts";
import { reserveStock } from "./commands/reserve-stock.ts";
import { returnStock } from "./commands/return-stock.ts";
import { settings } from "./config.ts";
import { inventoryService } from "./inbound/grpc.ts";
import { createLocationStore } from "./outbound/location-store.ts";
import { createPublications } from "./outbound/publications.ts";
import { createReservationStore } from "./outbound/reservation-store.ts";
import { createStockStore } from "./outbound/stock-store.ts";
import { findReservation } from "./queries/find-reservation.ts";
import { findStock } from "./queries/find-stock.ts";
import { listMovements } from "./queries/list-movements.ts";

/** The inventory service. */
export const inventoryApp = defineService({
  name: "inventory",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  build({ config, db, log }) {
    const stock = createStockStore(db);
    const reservations = createReservationStore(db, { ttlMs: config.reservationTtlMs });
    const publications = createPublications(db);
    const warn = (what: string) => (err: unknown) => log.warn({ err }, what);
    return {
      services: [
        inventoryService({
          locations: createLocationStore(db),
          availability: stock.availability,
          bookStock: bookStock({ stock }),
          findStock: findStock({ stock }),
          listMovements: listMovements({ stock }),
          reserveStock: reserveStock({ reservations }),
          commitReservation: commitReservation({ reservations }),
          releaseReservation: releaseReservation({ reservations }),
          returnStock: returnStock({ reservations }),
          findReservation: findReservation({ reservations }),
        }),
      ],
      background: [
        repeat(
          config.sweepIntervalMs,
          expireReservations({ reservations }),
          warn("Overdue reservations could not be expired; trying again."),
        ),
        repeat(
          config.announceIntervalMs,
          announceChanges({ publications }),
          warn("Changed stock could not be published; trying again."),
        ),
      ],
    };
  },
});
