import { createIdempotency, idempotencyTables, keyRetention } from "@kontor/idempotency";
import { defineService, repeat } from "@kontor/service";
import { shop } from "@kontor/shop";
import { announceChanges, announceSkus } from "./commands/announce-changes.ts";
import { bookStock } from "./commands/book-stock.ts";
import { commitReservation } from "./commands/commit-reservation.ts";
import { expireReservations } from "./commands/expire-reservations.ts";
import { releaseReservation } from "./commands/release-reservation.ts";
import { reserveStock } from "./commands/reserve-stock.ts";
import { returnStock } from "./commands/return-stock.ts";
import { settings } from "./config.ts";
import { inventoryConsumers } from "./inbound/events.ts";
import { inventoryService } from "./inbound/grpc.ts";
import { createLocationStore } from "./outbound/location-store.ts";
import { createPublications } from "./outbound/publications.ts";
import { createReservationStore } from "./outbound/reservation-store.ts";
import { returnItems } from "./outbound/returned-items.ts";
import { createStockStore } from "./outbound/stock-store.ts";
import { findReservation } from "./queries/find-reservation.ts";
import { findStock } from "./queries/find-stock.ts";
import { listLowStock } from "./queries/list-low-stock.ts";
import { listMovements } from "./queries/list-movements.ts";

/** Changes of SKUs whose rows are often locked are published this many times less often than others. */
const ANNOUNCE_LOCKED_INTERVALS = 5;

/** The inventory service. */
export const inventoryApp = defineService({
  system: shop,
  name: "inventory",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  tables: [idempotencyTables],
  history: ["stock_movements", "returned_items"],
  build({ config, db, log }) {
    const stock = createStockStore(db, { lockMs: config.lockMs });
    const reservations = createReservationStore(db, { ttlMs: config.reservationTtlMs, lockMs: config.lockMs });
    const publications = createPublications(db);
    const warn = (event: string) => (err: unknown) => log.warn({ err }, event);
    return {
      services: [
        inventoryService({
          locations: createLocationStore(db),
          availability: stock.availability,
          lowStock: config.lowStock,
          bookStock: bookStock({ idempotency: createIdempotency(db), stock }),
          findStock: findStock({ stock }),
          listLowStock: listLowStock({ stock }),
          listMovements: listMovements({ stock }),
          reserveStock: reserveStock({ reservations }),
          commitReservation: commitReservation({ reservations }),
          releaseReservation: releaseReservation({ reservations }),
          returnStock: returnStock({ reservations }),
          findReservation: findReservation({ reservations }),
        }),
      ],
      retention: [keyRetention(config.idempotencyKeyRetentionMs)],
      consumers: inventoryConsumers(returnItems, ({ orderId, items }, returned) =>
        log.warn({ orderId, items: items.length, returned }, "refund named more units than were sold"),
      ),
      background: [
        repeat(
          config.sweepIntervalMs,
          expireReservations({ reservations }),
          warn("expiry of reservations failed; retrying"),
        ),
        repeat(
          config.announceIntervalMs,
          announceChanges({ publications }),
          warn("publication of changed stock failed; retrying"),
        ),
        repeat(
          ANNOUNCE_LOCKED_INTERVALS * config.announceIntervalMs,
          announceSkus({ publications }),
          warn("publication of locked stock failed; retrying"),
        ),
      ],
    };
  },
});
