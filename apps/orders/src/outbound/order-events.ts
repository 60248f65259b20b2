import { createEventStore, defineProjection } from "@kontor/event-store";
import type { Money } from "@kontor/money";
import * as z from "zod/mini";
import { changeBy, type OrderEvent, type Placement } from "../domain/order.ts";
import { statement } from "../gen/statements.ts";
import { orderEventCodec, placementShape, type StoredPlacement } from "./stored-events.ts";

/** Returns a placement of what a row holds. Reads run it for each order: it is many times as quick as the shape's own decoding. */
export function readPlacement(stored: StoredPlacement): Placement {
  return {
    ...stored,
    lines: stored.lines.map((line) => ({ ...line, price: BigInt(line.price) })),
    itemsTotal: readMoney(stored.itemsTotal),
    shippingTotal: readMoney(stored.shippingTotal),
    total: readMoney(stored.total),
  };
}

const readMoney = ({ currency, minor }: StoredPlacement["total"]): Money => ({ currency, minor: BigInt(minor) });

/** Orders of before there were numbers get the one that follows from their id. */
const INSERT = statement(
  "orders.insert",
  `WITH placed AS (
    INSERT INTO orders (id, user_id, placement, stage, version, placed_at, updated_at, number)
    VALUES ($1, $2, $3, 'placed', $4, $5, $5, coalesce($6::text, free_order_number($1)))
    RETURNING id, placed_at, placement
  )
  INSERT INTO order_search (order_id, placed_at, skus, words)
  SELECT id, placed_at, order_skus(placement), order_words(placement) FROM placed`,
);

const UPDATE = statement(
  "orders.update",
  `UPDATE orders SET stage = coalesce($2, stage), cancelling = coalesce($3, cancelling), reason = coalesce($4, reason),
    reason_detail = coalesce($5, reason_detail), action_url = coalesce($6, action_url),
    tracking_number = coalesce($7, tracking_number), refunded = coalesce($8, refunded), version = $9, updated_at = $10
  WHERE id = $1`,
);

/** The tables that answer reads: one row an order, a fold of its events, and what staff search. */
export const ordersTable = defineProjection<OrderEvent>({
  name: "orders",
  tables: ["orders", "order_search"],
  apply: (tx, { streamId, version, event }) => {
    if (event.type === "placed") {
      const placement = JSON.stringify(z.encode(placementShape, event));
      return tx.query(INSERT, [streamId, event.userId, placement, version, event.at, event.number ?? null]);
    }
    const { stage, cancelling, reason, reasonDetail, actionUrl, trackingNumber, refunded } = changeBy(event);
    const texts = [reason ?? null, reasonDetail ?? null, actionUrl ?? null, trackingNumber ?? null] as const;
    const changes = [stage ?? null, cancelling ?? null, ...texts, refunded ?? null] as const;
    return tx.query(UPDATE, [streamId, ...changes, version, event.at]);
  },
});

/** The events of all orders, with the table kept in step. */
export const orderEvents = createEventStore<OrderEvent>({ codec: orderEventCodec, projections: [ordersTable] });
