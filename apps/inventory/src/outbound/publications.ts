import { isKontorError } from "@kontor/errors";
import { event, outbox } from "@kontor/messaging";
import { type Database, postgresErrors, type Tx } from "@kontor/postgres";
import { ReservationExpiredSchema, StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { statement } from "../gen/statements.ts";
import type { Publications } from "../ports.ts";

interface SkuRow {
  readonly sku: string;
  readonly available: number;
  readonly held: number;
  readonly version: number;
}

const ANYTHING = statement(
  "publications.anything",
  "SELECT FROM skus WHERE NOT announced UNION ALL SELECT FROM reservations WHERE NOT announced LIMIT 1",
);

// A locked row never delays the others. One that is locked each time is published by announceSku, which queues for its lock.
const CHANGED = statement(
  "publications.changed",
  `SELECT sku, available::int, held::int, version::int FROM skus WHERE NOT announced
  ORDER BY sku LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED`,
);
const EXPIRED = statement(
  "publications.expired",
  "SELECT order_id FROM reservations WHERE NOT announced ORDER BY order_id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED",
);
const CHANGED_SKU = statement(
  "publications.changed-sku",
  `SELECT sku, available::int, held::int, version::int FROM skus WHERE sku = $1 AND NOT announced FOR NO KEY UPDATE`,
);
const UNANNOUNCED = statement(
  "publications.unannounced",
  "SELECT sku FROM skus WHERE NOT announced ORDER BY random() LIMIT $1",
);
const WAIT_BRIEFLY = statement("publications.wait-briefly", "SET LOCAL lock_timeout = 50", { prepared: false });
const ANNOUNCED_SKUS = statement("publications.announced", "UPDATE skus SET announced = true WHERE sku = ANY ($1)");
const ANNOUNCED_RESERVATIONS = statement(
  "publications.announced-reservations",
  "UPDATE reservations SET announced = true WHERE order_id = ANY ($1)",
);

/** Publishes events for the rows that changes of stock mark as unannounced. */
export function createPublications(db: Database): Publications {
  return {
    async announce(limit) {
      const anything = await db.query(ANYTHING);
      if (anything.length === 0) return false;
      const [expired, changed] = await db.transaction(async (tx) => [
        await announceExpired(tx, limit),
        await announceChanged(tx, limit),
      ]);
      return expired === limit || changed === limit;
    },
    async unannounced(limit) {
      const rows = await db.query(UNANNOUNCED, [limit]);
      return rows.map(({ sku }) => sku);
    },
    async announceSku(sku) {
      try {
        await db.transaction(async (tx) => {
          await tx.query(WAIT_BRIEFLY);
          await publish(tx, await tx.query(CHANGED_SKU, [sku]));
        });
        return true;
      } catch (error) {
        if (isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason)) return false;
        throw error;
      }
    },
  };
}

async function announceExpired(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.query(EXPIRED, [limit]);
  if (rows.length === 0) return 0;
  const orders = rows.map(({ order_id }) => order_id);
  await tx.query(ANNOUNCED_RESERVATIONS, [orders]);
  await outbox.append(
    tx,
    orders.map((orderId) => event(ReservationExpiredSchema, { orderId }, { key: orderId })),
  );
  return rows.length;
}

async function announceChanged(tx: Tx, limit: number): Promise<number> {
  return publish(tx, await tx.query(CHANGED, [limit]));
}

async function publish(tx: Tx, rows: readonly SkuRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  await tx.query(ANNOUNCED_SKUS, [rows.map(({ sku }) => sku)]);
  await outbox.append(
    tx,
    rows.map((row) => event(StockChangedSchema, row, { key: row.sku })),
  );
  return rows.length;
}
