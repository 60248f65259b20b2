import { createEventStore, defineProjection } from "@kontor/event-store";
import type { Money } from "@kontor/money";
import { endOf } from "../domain/end-reason.ts";
import { changeBy, type OrderEvent, type Placement } from "../domain/order.ts";

/** A placement as JSON has it: amounts are decimal strings. */
export type StoredPlacement = Omit<Placement, "lines" | "itemsTotal" | "shippingTotal" | "total"> & {
  readonly lines: readonly (Omit<Placement["lines"][number], "price"> & { readonly price: string })[];
  readonly itemsTotal: StoredMoney;
  readonly shippingTotal: StoredMoney;
  readonly total: StoredMoney;
};
type StoredMoney = { readonly currency: string; readonly minor: string };

const storedMoney = ({ currency, minor }: Money): StoredMoney => ({ currency, minor: minor.toString() });
const readMoney = ({ currency, minor }: StoredMoney): Money => ({ currency, minor: BigInt(minor) });

function storePlacement(placement: Placement): StoredPlacement {
  const { orderId, number, userId, weightGrams, address, shippingMethod, paymentMethod } = placement;
  return {
    ...{
      orderId,
      ...(number !== undefined && { number }),
      userId,
      weightGrams,
      address,
      shippingMethod,
      paymentMethod,
    },
    lines: placement.lines.map((line) => ({ ...line, price: line.price.toString() })),
    itemsTotal: storedMoney(placement.itemsTotal),
    shippingTotal: storedMoney(placement.shippingTotal),
    total: storedMoney(placement.total),
  };
}

export function readPlacement(stored: StoredPlacement): Placement {
  return {
    ...stored,
    lines: stored.lines.map((line) => ({ ...line, price: BigInt(line.price) })),
    itemsTotal: readMoney(stored.itemsTotal),
    shippingTotal: readMoney(stored.shippingTotal),
    total: readMoney(stored.total),
  };
}

/** Orders of before there were numbers get the one that follows from their id. */
const INSERT = `
  WITH placed AS (
    INSERT INTO orders (id, user_id, placement, stage, version, placed_at, updated_at, number)
    VALUES ($1, $2, $3, 'placed', $4, $5, $5, coalesce($6::text, free_order_number($1)))
    RETURNING id, placed_at, placement
  )
  INSERT INTO order_search (order_id, placed_at, skus, words)
  SELECT id, placed_at, order_skus(placement), order_words(placement) FROM placed`;

const UPDATE = `
  UPDATE orders SET stage = coalesce($2, stage), cancelling = coalesce($3, cancelling), reason = coalesce($4, reason),
    reason_detail = coalesce($5, reason_detail), action_url = coalesce($6, action_url),
    tracking_number = coalesce($7, tracking_number), refunded = coalesce($8, refunded), version = $9, updated_at = $10
  WHERE id = $1`;

/** The tables that answer reads: one row an order, a fold of its events, and what staff search. */
export const ordersTable = defineProjection<OrderEvent>({
  name: "orders",
  tables: ["orders", "order_search"],
  apply: (tx, { streamId, version, event }) => {
    if (event.type === "placed") {
      const placement = JSON.stringify(storePlacement(event));
      return tx.query(INSERT, [streamId, event.userId, placement, version, event.at, event.number ?? null], {
        name: "orders.insert",
      });
    }
    const { stage, cancelling, reason, reasonDetail, actionUrl, trackingNumber, refunded } = changeBy(event);
    const values = [stage, cancelling, reason, reasonDetail, actionUrl, trackingNumber, refunded];
    const changes = values.map((value) => value ?? null);
    return tx.query(UPDATE, [streamId, ...changes, version, event.at], { name: "orders.update" });
  },
});

/** The events of all orders, with the table kept in step. */
export const orderEvents = createEventStore<OrderEvent>({
  projections: [ordersTable],
  encode: ({ type: _, at, ...facts }) => {
    if ("lines" in facts) return { ...storePlacement(facts), at };
    if ("refunded" in facts) return { ...facts, amount: `${facts.amount}`, refunded: `${facts.refunded}`, at };
    return { ...facts, at };
  },
  decode: (type, data) => {
    const stored = data as { at: string };
    const facts = factsOf(type, data as object);
    return withPublicEnd({ ...facts, type, at: new Date(stored.at) } as OrderEvent);
  },
});

function factsOf(type: string, data: object): object {
  if (type === "placed") return readPlacement(data as StoredPlacement);
  if (type !== "refunded") return data;
  const { amount, refunded } = data as { amount: string; refunded: string };
  return { ...data, amount: BigInt(amount), refunded: BigInt(refunded) };
}

/** Versions before the list of reasons stored the technical cause of a rejection. */
function withPublicEnd(event: OrderEvent): OrderEvent {
  return event.type === "rejected" ? { ...event, ...endOf({ reason: event.reason, message: event.detail }) } : event;
}
