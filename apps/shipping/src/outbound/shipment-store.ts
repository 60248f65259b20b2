import { randomUUIDv7 } from "node:crypto";
import { createBatch } from "@kontor/batch";
import { event, type OutgoingEvent } from "@kontor/messaging";
import type { Database, RowOf } from "@kontor/postgres";
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
import type { Shipments } from "../ports.ts";
import { COLUMNS, listStatement } from "./shipment-list.ts";
import { createShipmentWrites } from "./shipment-writes.ts";

const FIND = statement("shipments.find", `SELECT ${COLUMNS} FROM shipments WHERE order_id = ANY ($1)`);
const CLOSE = statement(
  "shipments.close",
  `INSERT INTO shipments (id, order_id, status, check_at) VALUES ($1, $2, 'cancelled', NULL)
  ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`,
);
const TRACKING = statement(
  "shipments.tracking",
  "SELECT status, location, at FROM tracking_events WHERE order_id = $1 ORDER BY at, received_at",
  { prepared: false },
);

type ShipmentRow = RowOf<typeof FIND>;

/** The event of each status. */
export const published = {
  booked: ShipmentBookedSchema,
  picked_up: ShipmentPickedUpSchema,
  in_transit: ShipmentInTransitSchema,
  delivered: ShipmentDeliveredSchema,
  cancelled: ShipmentCancelledSchema,
} as const;

/** Limits the connections that reads by order use at once. */
const MAX_READS = 4;

/** Creates the store of shipments in PostgreSQL. */
export function createShipmentStore(db: Database, options: { readonly checkAfterMs: number }): Shipments {
  const writes = createShipmentWrites(db, options);

  const find = createBatch<string, Shipment | undefined>({
    name: "shipping.find",
    maxFlights: MAX_READS,
    async run(orderIds) {
      const found = new Map((await db.query(FIND, [orderIds])).map((row) => [row.orderId, shipmentOf(row)]));
      return orderIds.map((orderId) => found.get(orderId));
    },
  });

  async function existing(orderId: string): Promise<Shipment> {
    const shipment = await find(orderId);
    if (shipment === undefined) throw shippingErrors.SHIPMENT_NOT_FOUND({ orderId });
    return shipment;
  }

  async function insertedOrFound(orderId: string, row: ShipmentRow | undefined): Promise<Shipment> {
    return row ? shipmentOf(row) : existing(orderId);
  }

  return {
    find: (orderId) => find(orderId),
    begin: async (parcel) => insertedOrFound(parcel.orderId, await writes.begin(parcel)),
    async close(orderId) {
      const [row] = await db.query(CLOSE, [randomUUIDv7(), orderId]);
      return insertedOrFound(orderId, row);
    },
    list: async (filter, page) => (await db.reads.query(listStatement(filter, page))).map(shipmentOf),
    tracking: (orderId) => db.reads.query(TRACKING, [orderId]),
    async update(shipment, decide, message) {
      for (let before = shipment; ; before = await existing(shipment.orderId)) {
        const { shipment: after, passed } = decide(before);
        if (after === before && message === undefined) return before;
        const events = passed.flatMap((status) => eventsOf({ ...after, status }));
        const outcome = await writes.save({ before, after, events, message });
        if (outcome === "saved") return after;
        if (outcome === "received before") return before;
      }
    },
  };
}

function eventsOf(shipment: Shipment): OutgoingEvent[] {
  if (shipment.status === "pending") return [];
  return [event(published[shipment.status], { shipment: shipmentMessage(shipment) }, { key: shipment.orderId })];
}

export function shipmentOf({ address, ...row }: ShipmentRow): Shipment {
  return { ...row, address: address ?? undefined };
}
