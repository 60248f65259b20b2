import { randomUUIDv7 } from "node:crypto";
import { blocked, createBatch } from "@kontor/batch";
import { isKontorError } from "@kontor/errors";
import { failpoint } from "@kontor/failpoint";
import { appendEventsOf, appendedValues, type OutgoingEvent, outbox } from "@kontor/messaging";
import { behindLock, type Database, postgresErrors, type RowOf, type Tx } from "@kontor/postgres";
import { shippingErrors } from "../domain/errors.ts";
import type { Parcel, Shipment } from "../domain/shipment.ts";
import { statement } from "../gen/statements.ts";
import type { TrackingMessage } from "../ports.ts";
import { COLUMNS } from "./shipment-list.ts";

/** A shipment as read, its new state, and the effects that are stored if it is still unchanged. */
export interface Write {
  readonly before: Shipment;
  readonly after: Shipment;
  readonly events: readonly OutgoingEvent[];
  readonly message: TrackingMessage | undefined;
}

/** `overtaken`: the shipment has changed since it was read. `received before`: the message is not new. Neither stores anything. */
export type Outcome = "saved" | "overtaken" | "received before";

// Of two parcels of one order the first is stored, as in sequence.
const BEGIN = statement(
  "shipments.begin",
  `INSERT INTO shipments (id, order_id, user_id, status, method, address, items, weight_grams, check_at)
  SELECT id, order_id, user_id, 'pending', method, address::jsonb, items::jsonb, weight_grams, now() + $8 * interval '1 ms'
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[]) WITH ORDINALITY
    AS parcel (id, order_id, user_id, method, address, items, weight_grams, place)
  ORDER BY order_id, place
  ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`,
);

// Changes depend on the shipment as read, so they are stored if status and parcel are unchanged. Two changes of one shipment never
// share a flight: the second one is overtaken. A message after a query with the same state changes nothing.
const SAVE = statement(
  "shipments.save",
  `WITH change AS MATERIALIZED (
    SELECT * FROM unnest($7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
      $16::timestamptz[]) WITH ORDINALITY
      AS change (order_id, old_status, old_carrier_id, status, carrier_id, tracking_number, webhook_id, reported, location, at, place)
  ), locked AS MATERIALIZED (
    SELECT order_id, status, carrier_id FROM shipments WHERE order_id = ANY ($7) ORDER BY order_id FOR NO KEY UPDATE SKIP LOCKED
  ), current AS MATERIALIZED (
    SELECT DISTINCT ON (change.order_id) change.* FROM change JOIN locked USING (order_id)
    WHERE locked.status = old_status AND locked.carrier_id = old_carrier_id ORDER BY change.order_id, place
  ), tracked AS (
    INSERT INTO tracking_events (webhook_id, order_id, status, location, at)
    SELECT webhook_id, order_id, reported, location, at FROM current
    WHERE webhook_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM tracking_events known WHERE known.order_id = current.order_id AND known.status = reported AND known.at = current.at)
    ORDER BY webhook_id
    ON CONFLICT DO NOTHING RETURNING webhook_id
  ), fresh AS MATERIALIZED (
    SELECT * FROM current WHERE webhook_id IS NULL OR webhook_id IN (SELECT webhook_id FROM tracked)
  ), saved AS (
    UPDATE shipments SET status = fresh.status, carrier_id = fresh.carrier_id, tracking_number = fresh.tracking_number, updated_at = now(),
      unanswered_since = NULL, forgotten_since = NULL,
      check_at = CASE WHEN fresh.status NOT IN ('delivered', 'cancelled') THEN now() + $17 * interval '1 ms' END
    FROM fresh WHERE shipments.order_id = fresh.order_id AND (fresh.status, fresh.carrier_id) <> (old_status, old_carrier_id)
  ), appended AS (${appendEventsOf("fresh")})
  SELECT locked.order_id IS NULL AS blocked, current.place IS NULL AS overtaken, fresh.place IS NULL AS known
  FROM change LEFT JOIN locked USING (order_id) LEFT JOIN current USING (place) LEFT JOIN fresh USING (place) ORDER BY change.place`,
  { columns: { blocked: "not null", overtaken: "not null", known: "not null" } },
);
const LOCK = statement("shipments.lock", "SELECT FROM shipments WHERE order_id = $1 FOR NO KEY UPDATE");

/** Two flights: one is prepared while the other waits for the disk. */
const MAX_FLIGHTS = 2;

/** Creates the writes of shipments. Concurrent calls share a statement; each has its own result. */
export function createShipmentWrites(db: Database, { checkAfterMs }: { readonly checkAfterMs: number }) {
  const begin = createBatch<Parcel, RowOf<typeof BEGIN> | undefined>({
    name: "shipping.begin",
    maxFlights: MAX_FLIGHTS,
    async run(parcels) {
      const begun = await db.query(BEGIN, [...columnsOfParcels(parcels), checkAfterMs]);
      const byOrder = new Map(begun.map((row) => [row.orderId, row]));
      failpoint("shipping.begun", db.service);
      return parcels.map(({ orderId }) => byOrder.get(orderId));
    },
  });

  // One flight at a time: two flights would lock one shipment when its messages come together.
  const save = createBatch<Write, Outcome>({
    name: "shipping.save",
    async run(writes, { waitFor }) {
      const values = [
        ...appendedValues(writes.map(({ events }) => events)),
        ...columnsOfWrites(writes),
        checkAfterMs,
      ] as const;
      const lock = waitFor === undefined ? undefined : (tx: Tx) => tx.query(LOCK, [waitFor]);
      const rows = await behindLock(db, lock, (sql) => sql.query(SAVE, values));
      if (rows.some(({ known }, index) => !known && writes[index]?.events.length !== 0)) outbox.wake();
      failpoint("shipping.saved", db.service);
      return rows.map((row, index) => {
        const orderId = writes[index]?.before.orderId ?? "";
        if (!row.blocked) return row.overtaken ? "overtaken" : row.known ? "received before" : "saved";
        if (waitFor !== undefined) throw shippingErrors.SHIPMENT_NOT_FOUND({ orderId });
        return blocked(orderId);
      });
    },
    splits: (error) => !isKontorError(error, postgresErrors.LOCK_TIMEOUT.reason) && !isUnavailable(error),
  });

  return { begin, save };
}

/** Returns whether a statement may have had its effect, so that it is not repeated. */
function isUnavailable(error: unknown): boolean {
  return isKontorError(error) && error.code === "UNAVAILABLE";
}

function columnsOfParcels(parcels: readonly Parcel[]) {
  return [
    parcels.map(() => randomUUIDv7()),
    parcels.map(({ orderId }) => orderId),
    parcels.map(({ userId }) => userId),
    parcels.map(({ method }) => method),
    parcels.map(({ address }) => JSON.stringify(address)),
    parcels.map(({ items }) => JSON.stringify(items)),
    parcels.map(({ weightGrams }) => weightGrams),
  ] as const;
}

function columnsOfWrites(writes: readonly Write[]) {
  return [
    writes.map(({ before }) => before.orderId),
    writes.map(({ before }) => before.status),
    writes.map(({ before }) => before.carrierId),
    writes.map(({ after }) => after.status),
    writes.map(({ after }) => after.carrierId),
    writes.map(({ after }) => after.trackingNumber),
    writes.map(({ message }) => message?.webhookId ?? null),
    writes.map(({ message }) => message?.status ?? null),
    writes.map(({ message }) => message?.location ?? null),
    writes.map(({ message }) => message?.at ?? null),
  ] as const;
}
