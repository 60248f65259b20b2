import { randomUUIDv7 } from "node:crypto";
import { event, type OutgoingEvent, outbox } from "@kontor/messaging";
import type { Database, RowOf, Tx } from "@kontor/postgres";
import {
  ShipmentBookedSchema,
  ShipmentCancelledSchema,
  ShipmentDeliveredSchema,
  ShipmentInTransitSchema,
  ShipmentPickedUpSchema,
} from "@kontor/shop/contracts/shipping/v1/events";
import { shipmentMessage } from "../contract/shipment-message.ts";
import { shippingErrors } from "../domain/errors.ts";
import type { Shipment } from "../domain/shipment.ts";
import { statement } from "../gen/statements.ts";
import type { Shipments, TrackingMessage } from "../ports.ts";
import { COLUMNS, listStatement } from "./shipment-list.ts";

const FIND = statement("shipments.find", `SELECT ${COLUMNS} FROM shipments WHERE order_id = $1`);
const LOCK = statement("shipments.lock", `SELECT ${COLUMNS} FROM shipments WHERE order_id = $1 FOR UPDATE`);
const BEGIN = statement(
  "shipments.begin",
  `INSERT INTO shipments (id, order_id, user_id, status, method, address, items, weight_grams, check_at)
  VALUES ($1, $2, $3, 'pending', $4, $5, $6, $7, now() + $8 * interval '1 ms') ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`,
);
const CLOSE = statement(
  "shipments.close",
  `INSERT INTO shipments (id, order_id, status, check_at) VALUES ($1, $2, 'cancelled', NULL)
  ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`,
);
const UPDATE = statement(
  "shipments.update",
  `UPDATE shipments SET status = $2, carrier_id = $3, tracking_number = $4, updated_at = now(),
    unanswered_since = NULL, forgotten_since = NULL,
    check_at = CASE WHEN $2 NOT IN ('delivered', 'cancelled') THEN now() + $5 * interval '1 ms' END
  WHERE order_id = $1`,
);
// A message that a query has anticipated is the same fact again.
const TRACK = statement(
  "shipments.track",
  `INSERT INTO tracking_events (webhook_id, order_id, status, location, at)
  SELECT $1, $2, $3, $4, $5
  WHERE NOT EXISTS (SELECT FROM tracking_events WHERE order_id = $2 AND status = $3 AND at = $5)
  ON CONFLICT DO NOTHING RETURNING webhook_id`,
);
const TRACKING = statement(
  "shipments.tracking",
  "SELECT status, location, at FROM tracking_events WHERE order_id = $1 ORDER BY at, received_at",
  { prepared: false },
);

type ShipmentRow = RowOf<typeof FIND>;

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
    const [row] = await db.query(FIND, [orderId]);
    return row && shipmentOf(row);
  }

  async function insertedOrFound(orderId: string, [row]: readonly ShipmentRow[]): Promise<Shipment> {
    const shipment = row ? shipmentOf(row) : await find(orderId);
    if (shipment === undefined) throw new Error(`The shipment of order ${orderId} is neither new nor known.`);
    return shipment;
  }

  return {
    find,
    async begin({ orderId, userId, method, address, items, weightGrams }) {
      const parcel = [userId, method, JSON.stringify(address), JSON.stringify(items), weightGrams] as const;
      return insertedOrFound(orderId, await db.query(BEGIN, [randomUUIDv7(), orderId, ...parcel, checkAfterMs]));
    },
    close: async (orderId) => insertedOrFound(orderId, await db.query(CLOSE, [randomUUIDv7(), orderId])),
    list: async (filter, page) => (await db.query(listStatement(filter, page))).map(shipmentOf),
    tracking: (orderId) => db.query(TRACKING, [orderId]),
    update: (orderId, decide, message) =>
      db.transaction(async (tx) => {
        const [row] = await tx.query(LOCK, [orderId]);
        if (row === undefined) throw shippingErrors.SHIPMENT_NOT_FOUND({ orderId });
        const before = shipmentOf(row);
        if (message !== undefined && !(await track(tx, message))) return before;
        const { shipment, passed } = decide(before);
        if (shipment === before) return before;
        const { status, carrierId, trackingNumber } = shipment;
        await tx.query(UPDATE, [orderId, status, carrierId, trackingNumber, checkAfterMs]);
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
  const rows = await tx.query(TRACK, [webhookId, orderId, status, location, at]);
  return rows.length > 0;
}

function eventsOf(shipment: Shipment): OutgoingEvent[] {
  if (shipment.status === "pending") return [];
  return [event(published[shipment.status], { shipment: shipmentMessage(shipment) }, { key: shipment.orderId })];
}

export function shipmentOf({ address, ...row }: ShipmentRow): Shipment {
  return { ...row, address: address ?? undefined };
}
