import { createIdempotency, idempotencyTables, keyRetention } from "@kontor/idempotency";
import { defineService, repeat } from "@kontor/service";
import { shop } from "@kontor/shop";
import { announceChanges } from "./commands/announce-changes.ts";
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
import type { ReturnItems } from "./ports.ts";
import { findReservation } from "./queries/find-reservation.ts";
import { findStock } from "./queries/find-stock.ts";
import { listLowStock } from "./queries/list-low-stock.ts";
import { listMovements } from "./queries/list-movements.ts";

/** Without work, expiries are queried less often by this factor. */
const IDLE_SWEEPS = 5;
/** Without changes in this process, those of other replicas are queried less often by this factor. */
const IDLE_ANNOUNCEMENTS = 50;

/** The inventory service. */
export const inventoryApp = defineService({
  system: shop,
  name: "inventory",
  settings,
  migrations: new URL("../prisma/migrations/", import.meta.url),
  tables: [idempotencyTables],
  history: ["stock_movements", "returned_items"],
  build({ config, db, log }) {
    const warn = (event: string) => (err: unknown) => log.warn({ err }, event);
    const announcer = repeat(
      config.announceIntervalMs,
      announceChanges({ publications: createPublications(db) }),
      warn("publication of changed stock failed; retrying"),
      { idleMs: IDLE_ANNOUNCEMENTS * config.announceIntervalMs },
    );
    const onChange = announcer.wake;
    const returnAndAnnounce: ReturnItems = (tx, request) => {
      tx.afterCommit(onChange);
      return returnItems(tx, request);
    };
    const stock = createStockStore(db, { lockMs: config.lockMs, onChange });
    const { reservationTtlMs: ttlMs, lockMs } = config;
    const reservations = createReservationStore(db, { ttlMs, lockMs, onChange });
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
      consumers: inventoryConsumers(returnAndAnnounce, ({ orderId, items }, returned) =>
        log.warn({ orderId, items: items.length, returned }, "refund named more units than were sold"),
      ),
      background: [
        repeat(
          config.sweepIntervalMs,
          expireReservations({ reservations }),
          warn("expiry of reservations failed; retrying"),
          { idleMs: IDLE_SWEEPS * config.sweepIntervalMs },
        ),
        announcer,
      ],
    };
  },
});
