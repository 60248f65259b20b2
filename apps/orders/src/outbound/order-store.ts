import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter, once } from "node:events";
import { createJoin } from "@kontor/batch";
import { type OutgoingEvent, outbox } from "@kontor/messaging";
import { type Database, isUniqueViolation, pipelined, type RowOf, type Tx } from "@kontor/postgres";
import { endOf } from "../domain/end-reason.ts";
import { orderErrors } from "../domain/errors.ts";
import { apply, type Order, placedEvent } from "../domain/order.ts";
import { statement } from "../gen/statements.ts";
import type { Orders } from "../ports.ts";
import { type Change, type Decided, followedBy, type Outcome, queueOf, unchanged } from "./decided.ts";
import { orderEvents, readPlacement } from "./order-events.ts";
import { count } from "./order-metrics.ts";
import { COLUMNS, searchStatement } from "./order-search.ts";

const FIND = statement("orders.find", `SELECT ${COLUMNS} FROM orders WHERE id = $1`);
// In the order of ids, so that two transactions that change the same orders never wait for each other in a circle.
const LOCK = statement(
  "orders.lock",
  `SELECT ${COLUMNS} FROM orders WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE`,
);
const FIND_BY_NUMBER = statement("orders.find-by-number", `SELECT ${COLUMNS} FROM orders WHERE number = $1`);
const USER_HAS_ORDERED = statement(
  "orders.user-has-ordered",
  "SELECT 1 AS found FROM orders WHERE user_id = $1 AND stage NOT IN ('rejected', 'cancelled') LIMIT 1",
);
const GUEST_HAS_ORDERED = statement(
  "orders.guest-has-ordered",
  `SELECT 1 AS found FROM orders
  WHERE placement ->> 'emailKey' = $1 AND user_id LIKE 'guest:%' AND stage NOT IN ('rejected', 'cancelled') LIMIT 1`,
);
const OF_GUEST = statement(
  "orders.of-guest",
  `SELECT id FROM orders WHERE placement ->> 'emailKey' = $1 AND user_id LIKE 'guest:%' ORDER BY id`,
);
const LIST = statement(
  "orders.list",
  `SELECT ${COLUMNS} FROM orders
  WHERE user_id = $1 AND ($2::timestamptz IS NULL OR (placed_at, id) < ($2, $3))
  ORDER BY placed_at DESC, id DESC LIMIT $4`,
  { prepared: false },
);

const publish = createJoin(async (tx: Tx, publications: readonly (readonly OutgoingEvent[])[]) => {
  await outbox.append(tx, publications.flat());
  return publications;
});

/** Orders in PostgreSQL: their events, the table that is their fold, and the outbox, in one transaction. */
export function createOrderStore(db: Database): Orders {
  const changes = new EventEmitter().setMaxListeners(0);

  async function append(tx: Tx, { before, after, events, publications }: Decided) {
    const { orderId } = after;
    const published = publications.length > 0 ? publish(tx, publications) : undefined;
    await pipelined([orderEvents.append(tx, orderId, before?.version ?? 0, events), published]);
    tx.afterCommit(() => {
      count(before, events);
      changes.emit(orderId);
    });
  }

  /**
   * The hot path of orders. Changes that come at the same time in a transaction are four statements in all: one that locks the rows, one for
   * the events, one for the rows, and one for the outbox. Checkouts of many orders thus share them. Each caller gets its own outcome.
   */
  const changeAll = createJoin((tx: Tx, changes: readonly Change[]) =>
    queueOf(tx).run("changes", async () => {
      const rows = await tx.query(LOCK, [[...new Set(changes.map(({ orderId }) => orderId))]]);
      const decided = new Map(rows.map(orderOf).map((order) => [order.orderId, unchanged(order)]));
      const outcomes = changes.map(({ orderId, decide }): Outcome => {
        const soFar = decided.get(orderId);
        if (soFar === undefined) return { error: orderErrors.ORDER_NOT_FOUND({ orderId }) };
        try {
          const next = decide(soFar);
          decided.set(orderId, next);
          return { order: next.after };
        } catch (error) {
          return { error };
        }
      });
      await pipelined([...decided.values()].map((one) => (one.events.length > 0 ? append(tx, one) : undefined)));
      return outcomes;
    }),
  );

  return {
    async place(tx, order) {
      await append(tx, followedBy(undefined, [placedEvent(order)])).catch((cause: unknown) => {
        if (!isUniqueViolation(cause, "orders_number_idx")) throw cause;
        throw orderErrors.ORDER_NUMBER_TAKEN({ number: order.number ?? "" }, { cause });
      });
    },

    async placed(orderId) {
      const [first] = await orderEvents.read(db, orderId, { to: 1 });
      if (first === undefined) throw new Error(`Order ${orderId} has no first event.`);
      return apply(undefined, first.event);
    },

    async change(tx, orderId, decide) {
      const inCall = AsyncLocalStorage.snapshot(); // A published event has the trace of its caller.
      const outcome = await changeAll(tx, {
        orderId,
        decide: (soFar) => inCall(() => followedBy(soFar, decide(soFar.after))),
      });
      if ("error" in outcome) throw outcome.error;
      return outcome.order;
    },

    async find(orderId, tx) {
      const [row] = await (tx ?? db.reads).query(FIND, [orderId]);
      return row && orderOf(row);
    },

    async search(filter, page) {
      return (await db.reads.query(searchStatement(filter, page))).map(orderOf);
    },

    async findByNumber(number) {
      const [row] = await db.reads.query(FIND_BY_NUMBER, [number]);
      return row && orderOf(row);
    },

    async hasOrdered(customer) {
      const found =
        "userId" in customer
          ? await db.query(USER_HAS_ORDERED, [customer.userId])
          : await db.query(GUEST_HAS_ORDERED, [customer.emailKey]);
      return found.length > 0;
    },

    async ofGuest(tx, emailKey) {
      return (await tx.query(OF_GUEST, [emailKey])).map(({ id }) => id);
    },

    async list(userId, { after, limit }) {
      const rows = await db.reads.query(LIST, [userId, after?.placedAt ?? null, after?.id ?? null, limit]);
      return rows.map(orderOf);
    },

    async history(orderId) {
      const recorded = await orderEvents.read(db.reads, orderId);
      return recorded.map(({ event }) => event);
    },

    async changed(orderId, signal) {
      await once(changes, orderId, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
}

function orderOf({ number, placement, version, ...row }: RowOf<typeof FIND>): Order {
  const numbered = number === null ? {} : { number };
  const order = { ...readPlacement(placement), ...numbered, ...row, version: Number(version) };
  if (order.stage !== "rejected") return order;
  const { reason, detail } = endOf({ reason: order.reason, message: order.reasonDetail });
  return { ...order, reason, reasonDetail: detail };
}
