import { randomUUIDv7 } from "node:crypto";
import {
  ShipmentBookedSchema,
  ShipmentCancelledSchema,
  ShipmentDeliveredSchema,
  ShipmentInTransitSchema,
  ShipmentPickedUpSchema,
} from "@kontor/contracts/shipping/v1/events";
import { event, type OutgoingEvent, outbox } from "@kontor/messaging";
import type { Database, Tx } from "@kontor/postgres";
import { shipmentMessage } from "../contract/shipment-message.ts";
import { shippingErrors } from "../domain/errors.ts";
import type { Shipment } from "../domain/shipment.ts";
import type { Shipments, TrackingEvent, TrackingMessage } from "../ports.ts";
import { listStatement } from "./shipment-list.ts";

export const COLUMNS = `id, order_id AS "orderId", user_id AS "userId", status, method, address, items, weight_grams AS "weightGrams",
  carrier_id AS "carrierId", tracking_number AS "trackingNumber", created_at AS "createdAt"`;
const FIND = `SELECT ${COLUMNS} FROM shipments WHERE order_id = $1`;
const BEGIN = `
  INSERT INTO shipments (id, order_id, user_id, status, method, address, items, weight_grams, check_at)
  VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, now() + $8 * interval '1 ms') ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`;
const CLOSE = `
  INSERT INTO shipments (id, order_id, status, check_at) VALUES ($1, $2, 'cancelled', NULL)
  ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`;
const UPDATE = `
  UPDATE shipments SET status = $2, carrier_id = $3, tracking_number = $4, updated_at = now(),
    unanswered_since = NULL, forgotten_since = NULL,
    check_at = CASE WHEN $2 NOT IN ('delivered', 'cancelled') THEN now() + $5 * interval '1 ms' END
  WHERE order_id = $1`;
// A message that a query has anticipated is the same fact again.
const TRACK = `
  INSERT INTO tracking_events (webhook_id, order_id, status, location, at)
  SELECT $1, $2, $3, $4, $5
  WHERE NOT EXISTS (SELECT FROM tracking_events WHERE order_id = $2 AND status = $3 AND at = $5)
  ON CONFLICT DO NOTHING RETURNING webhook_id`;
const TRACKING = "SELECT status, location, at FROM tracking_events WHERE order_id = $1 ORDER BY at, received_at";

export type ShipmentRow = Omit<Shipment, "address"> & { readonly address: Shipment["address"] | null };

const published = {
  booked: ShipmentBookedSchema,
  picked_up: ShipmentPickedUpSchema,
  in_transit: ShipmentInTransitSchema,
  delivered: ShipmentDeliveredSchema,
  cancelled: ShipmentCancelledSchema,
} as const;

/** Shipments in PostgreSQL. */
export function createShipmentStore(db: Database, { checkAfterMs }: { readonly checkAfterMs: number }): Shipments {
  async function find(orderId: string): Promise<Shipment | undefined> {
    const [row] = await db.query<ShipmentRow>(FIND, [orderId], { name: "shipments.find" });
    return row && shipmentOf(row);
  }

  async function insertOrFind(orderId: string, insert: string, values: readonly unknown[], name: string) {
    const [row] = await db.query<ShipmentRow>(insert, [randomUUIDv7(), orderId, ...values], { name });
    const shipment = row ? shipmentOf(row) : await find(orderId);
    if (shipment === undefined) throw new Error(`The shipment of order ${orderId} is neither new nor known.`);
    return shipment;
  }

  return {
    find,
    begin({ orderId, userId, method, address, items, weightGrams }) {
      const values = [userId, method, JSON.stringify(address), JSON.stringify(items), weightGrams, checkAfterMs];
      return insertOrFind(orderId, BEGIN, values, "shipments.begin");
    },
    close: (orderId) => insertOrFind(orderId, CLOSE, [], "shipments.close"),
    async list(filter, page) {
      const { sql, values } = listStatement(COLUMNS, filter, page);
      return (await db.query<ShipmentRow>(sql, values)).map(shipmentOf);
    },
    tracking: (orderId) => db.query<TrackingEvent>(TRACKING, [orderId]),
    update: (orderId, decide, message) =>
      db.transaction(async (tx) => {
        const [row] = await tx.query<ShipmentRow>(`${FIND} FOR UPDATE`, [orderId], { name: "shipments.lock" });
        if (row === undefined) throw shippingErrors.SHIPMENT_NOT_FOUND({ orderId });
        const before = shipmentOf(row);
        if (message !== undefined && !(await track(tx, message))) return before;
        const { shipment, passed } = decide(before);
        if (shipment === before) return before;
        const { status, carrierId, trackingNumber } = shipment;
        const values = [orderId, status, carrierId, trackingNumber, checkAfterMs];
        await tx.query(UPDATE, values, { name: "shipments.update" });
        await outbox.append(
          tx,
          passed.flatMap((status) => eventsOf({ ...shipment, status })),
        );
        return shipment;
      }),
  };
}

/** Resolves to false if this message was received before. */
async function track(tx: Tx, { webhookId, orderId, status, location, at }: TrackingMessage): Promise<boolean> {
  const rows = await tx.query(TRACK, [webhookId, orderId, status, location, at], { name: "shipments.track" });
  return rows.length > 0;
}

function eventsOf(shipment: Shipment): OutgoingEvent[] {
  if (shipment.status === "pending") return [];
  return [event(published[shipment.status], { shipment: shipmentMessage(shipment) }, { key: shipment.orderId })];
}

export function shipmentOf({ address, ...row }: ShipmentRow): Shipment {
  return { ...row, address: address ?? undefined };
}
