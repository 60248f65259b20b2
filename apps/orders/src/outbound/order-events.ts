import { createEventStore, defineProjection, type Recorded } from "@kontor/event-store";
import type { Money } from "@kontor/money";
import type { Tx } from "@kontor/postgres";
import * as z from "zod/mini";
import type { Charges, PartCharges, Tax } from "../domain/charges.ts";
import { changeBy, type OrderEvent, type Placement } from "../domain/order.ts";
import { statement } from "../gen/statements.ts";
import { orderEventCodec, placementShape, type StoredCharges, type StoredPlacement } from "./stored-events.ts";

/** Returns the placement in a row. Reads run it for each order: it is many times as quick as the shape's own decoding. */
export function readPlacement({ charges, ...stored }: StoredPlacement): Placement {
  return {
    ...stored,
    ...(charges !== undefined && { charges: readCharges(charges) }),
    lines: stored.lines.map((line) => ({ ...line, price: BigInt(line.price) })),
    itemsTotal: readMoney(stored.itemsTotal),
    shippingTotal: readMoney(stored.shippingTotal),
    total: readMoney(stored.total),
  };
}

const readMoney = ({ currency, minor }: StoredPlacement["total"]): Money => ({ currency, minor: BigInt(minor) });

function readCharges({ discounts, taxes, lines, shipping, ...charges }: StoredCharges): Charges {
  return {
    ...charges,
    discounts: discounts.map((discount) => ({ ...discount, amount: BigInt(discount.amount) })),
    taxes: taxes.map(readTax),
    lines: lines.map(readPart),
    shipping: readPart(shipping),
  };
}

function readPart({ discount, net, gross, taxes, reason }: StoredCharges["shipping"]): PartCharges {
  return { reason, discount: BigInt(discount), net: BigInt(net), gross: BigInt(gross), taxes: taxes.map(readTax) };
}

const readTax = ({ name, rate, net, amount }: StoredCharges["taxes"][number]): Tax => {
  return { name, rate, net: BigInt(net), amount: BigInt(amount) };
};

/** Orders of before there were numbers get the one that follows from their id. */
const INSERT = statement(
  "orders.insert",
  `WITH placed AS (
    INSERT INTO orders (id, user_id, placement, stage, version, placed_at, updated_at, number)
    SELECT id, user_id, placement::jsonb, 'placed', version, at, at, coalesce(number, free_order_number(id))
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])
      AS t (id, user_id, placement, version, at, number)
    ORDER BY id
    RETURNING id, placed_at, placement
  )
  INSERT INTO order_search (order_id, placed_at, skus, words)
  SELECT id, placed_at, order_skus(placement), order_words(placement) FROM placed`,
);

const UPDATE = statement(
  "orders.update",
  `UPDATE orders o SET stage = coalesce(t.stage, o.stage), cancelling = coalesce(t.cancelling, o.cancelling),
    reason = coalesce(t.reason, o.reason), reason_detail = coalesce(t.reason_detail, o.reason_detail),
    action_url = coalesce(t.action_url, o.action_url), tracking_number = coalesce(t.tracking_number, o.tracking_number),
    refunded = coalesce(t.refunded, o.refunded), user_id = coalesce(t.user_id, o.user_id), version = t.version, updated_at = t.at
  FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
    $10::timestamptz[], $11::text[])
    AS t (id, stage, cancelling, reason, reason_detail, action_url, tracking_number, refunded, version, at, user_id)
  WHERE o.id = t.id`,
);

type OrderRecord = Recorded<OrderEvent>;
type PlacedRecord = OrderRecord & { readonly event: Extract<OrderEvent, { type: "placed" }> };

/** The tables for reads: one row per order, a fold of its events, and the texts that staff search. */
export const ordersTable = defineProjection<OrderEvent>({
  name: "orders",
  tables: ["orders", "order_search"],
  async apply(tx, events) {
    const placed = events.filter(isPlaced);
    // An order without a number looks for a free one, so it must see those before it.
    for (const one of placed) if (one.event.number === undefined) await insert(tx, [one]);
    await insert(
      tx,
      placed.filter(({ event }) => event.number !== undefined),
    );
    await update(tx, events);
  },
});

function isPlaced(recorded: OrderRecord): recorded is PlacedRecord {
  return recorded.event.type === "placed";
}

async function insert(tx: Tx, placed: readonly PlacedRecord[]): Promise<void> {
  if (placed.length === 0) return;
  await tx.query(INSERT, [
    placed.map(({ streamId }) => streamId),
    placed.map(({ event }) => event.userId),
    placed.map(({ event }) => JSON.stringify(z.encode(placementShape, event))),
    placed.map(({ version }) => version),
    placed.map(({ event }) => event.at),
    placed.map(({ event }) => event.number ?? null),
  ]);
}

/** Writes what the events change, each order once: of two changes of a column the later one applies. */
async function update(tx: Tx, events: readonly OrderRecord[]): Promise<void> {
  const rows = new Map<string, ReturnType<typeof changeBy> & { readonly version: number; readonly at: Date }>();
  for (const { streamId, version, event } of events)
    if (event.type !== "placed")
      rows.set(streamId, { ...rows.get(streamId), ...changeBy(event), version, at: event.at });
  if (rows.size === 0) return;
  const changes = [...rows.values()];
  await tx.query(UPDATE, [
    [...rows.keys()],
    changes.map(({ stage }) => stage ?? null),
    changes.map(({ cancelling }) => cancelling ?? null),
    changes.map(({ reason }) => reason ?? null),
    changes.map(({ reasonDetail }) => reasonDetail ?? null),
    changes.map(({ actionUrl }) => actionUrl ?? null),
    changes.map(({ trackingNumber }) => trackingNumber ?? null),
    changes.map(({ refunded }) => refunded ?? null),
    changes.map(({ version }) => version),
    changes.map(({ at }) => at),
    changes.map(({ userId }) => userId ?? null),
  ]);
}

/** The events of all orders, with the table kept in step. */
export const orderEvents = createEventStore<OrderEvent>({ codec: orderEventCodec, projections: [ordersTable] });
