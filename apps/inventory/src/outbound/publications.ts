import { isKontorError } from "@kontor/errors";
import { appendEventsOf, appendedValues, event, outbox } from "@kontor/messaging";
import { type Database, postgresErrors, type RowOf } from "@kontor/postgres";
import { ReservationExpiredSchema, StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { statement } from "../gen/statements.ts";
import type { AnnouncedPage, Publications } from "../ports.ts";

// Nothing is locked: rows that change until the mark is set are published the next time.
const UNANNOUNCED = statement(
  "publications.unannounced",
  `(SELECT sku, NULL AS order_id, available::int, held::int, version::int FROM skus
    WHERE NOT announced AND sku > $1 ORDER BY sku LIMIT $3)
  UNION ALL
  (SELECT NULL, order_id, 0, 0, 0 FROM reservations WHERE NOT announced AND order_id > $2 ORDER BY order_id LIMIT $3)`,
  { columns: { available: "not null", held: "not null", version: "not null" } },
);

// A locked row never delays the others. One that is locked each time is published by announceSku, which queues for its lock.
const ANNOUNCE = statement(
  "publications.announce",
  `WITH change AS MATERIALIZED (
    SELECT * FROM unnest($7::text[], $8::text[], $9::bigint[]) WITH ORDINALITY AS change (sku, order_id, version, place)
  ), stock AS MATERIALIZED (
    SELECT sku, version FROM skus WHERE sku = ANY ($7) AND NOT announced ORDER BY sku FOR NO KEY UPDATE SKIP LOCKED
  ), expired AS MATERIALIZED (
    SELECT order_id FROM reservations WHERE order_id = ANY ($8) AND NOT announced ORDER BY order_id FOR NO KEY UPDATE SKIP LOCKED
  ), current AS MATERIALIZED (
    SELECT place, sku, order_id FROM change JOIN stock USING (sku) WHERE stock.version = change.version
    UNION ALL
    SELECT place, sku, order_id FROM change JOIN expired USING (order_id)
  ), stock_announced AS (
    UPDATE skus SET announced = true FROM current WHERE skus.sku = current.sku
  ), expiry_announced AS (
    UPDATE reservations SET announced = true FROM current WHERE reservations.order_id = current.order_id
  ), appended AS (${appendEventsOf("current")})
  SELECT sku FROM change WHERE sku IS NOT NULL AND place NOT IN (SELECT place FROM current)`,
  { columns: { sku: "not null" } },
);
const CHANGED_SKU = statement(
  "publications.changed-sku",
  `SELECT sku, NULL AS order_id, available::int, held::int, version::int FROM skus WHERE sku = $1 AND NOT announced FOR NO KEY UPDATE`,
  { columns: { available: "not null", held: "not null", version: "not null" } },
);
const WAIT_BRIEFLY = statement("publications.wait-briefly", "SET LOCAL lock_timeout = 50", { prepared: false });

type ChangeRow = RowOf<typeof UNANNOUNCED>;

/** Publishes events for the rows that changes of stock mark as unannounced. */
export function createPublications(db: Database): Publications {
  return {
    async announce(limit, { last } = NO_PAGE) {
      const rows = await db.query(UNANNOUNCED, [last.sku, last.orderId, limit]);
      if (rows.length === 0) return { ...NO_PAGE, last };
      const left = await db.query(ANNOUNCE, valuesOf(rows));
      outbox.wake();
      return {
        found: rows.length,
        left: left.map(({ sku }) => sku),
        last: {
          sku: rows.findLast(({ sku }) => sku !== null)?.sku ?? last.sku,
          orderId: rows.findLast(({ order_id }) => order_id !== null)?.order_id ?? last.orderId,
        },
      };
    },
    async announceSku(sku) {
      try {
        await db.transaction(async (tx) => {
          await tx.query(WAIT_BRIEFLY);
          const rows = await tx.query(CHANGED_SKU, [sku]);
          if (rows.length > 0) await tx.query(ANNOUNCE, valuesOf(rows));
          tx.afterCommit(outbox.wake);
        });
        return true;
      } catch (error) {
        if (isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason)) return false;
        throw error;
      }
    },
  };
}

const NO_PAGE: AnnouncedPage = { found: 0, left: [], last: { sku: "", orderId: "" } };

function valuesOf(rows: readonly ChangeRow[]) {
  return [
    ...appendedValues(rows.map((row) => [eventOf(row)])),
    rows.map(({ sku }) => sku),
    rows.map(({ order_id }) => order_id),
    rows.map(({ version }) => version),
  ] as const;
}

function eventOf({ sku, order_id, ...stock }: ChangeRow) {
  if (sku !== null) return event(StockChangedSchema, { sku, ...stock }, { key: sku });
  const orderId = order_id ?? "";
  return event(ReservationExpiredSchema, { orderId }, { key: orderId });
}
