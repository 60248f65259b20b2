import { EventEmitter, once } from "node:events";
import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { publicationOf } from "../src/contract/publications.ts";
import { endOf } from "../src/domain/end-reason.ts";
import { orderErrors } from "../src/domain/errors.ts";
import { apply, isGuest, type Order, type OrderEvent, placedEvent } from "../src/domain/order.ts";
import type { OrderFilter, OrderSort, Orders } from "../src/ports.ts";

/** An event in the outbox. */
export interface Published {
  readonly type: string;
  readonly key: string;
}

/** Orders in memory, and the events that they published. */
export interface MemoryOrders extends Orders {
  published(): readonly Published[];
}

/** Creates orders in memory: the fold of their events. */
export function createMemoryOrders(db: MemoryDatabase): MemoryOrders {
  const events = db.table<string, readonly OrderEvent[]>();
  const outbox = db.table<number, Published>();
  const changes = new EventEmitter().setMaxListeners(0);

  const all = (tx?: object): Order[] => [...events.rows(tx).values()].flatMap((list) => fold(list) ?? []);
  const one = (orderId: string, tx?: object) => fold(events.rows(tx).get(orderId) ?? []);

  function append(tx: Parameters<Orders["place"]>[0], orderId: string, added: readonly OrderEvent[]): Order {
    const known = events.rows(tx).get(orderId) ?? [];
    let order = fold(known);
    for (const event of added) {
      order = apply(order, event);
      for (const { type, key } of publicationOf(event, order)) outbox.rows(tx).set(outbox.rows(tx).size, { type, key });
    }
    if (order === undefined) throw new Error(`Order ${orderId} has no events.`);
    events.rows(tx).set(orderId, [...known, ...added]);
    tx.afterCommit(() => changes.emit(orderId));
    return order;
  }

  return {
    published: () => [...outbox.rows().values()],
    async place(tx, order) {
      const { number = "" } = order;
      if (all(tx).some((other) => other.number === number)) throw orderErrors.ORDER_NUMBER_TAKEN({ number });
      append(tx, order.orderId, [placedEvent(order)]);
    },
    async placed(orderId) {
      const [first] = events.rows().get(orderId) ?? [];
      if (first === undefined) throw new Error(`Order ${orderId} has no first event.`);
      return apply(undefined, first);
    },
    async change(tx, orderId, decide) {
      const order = one(orderId, tx);
      if (order === undefined) throw orderErrors.ORDER_NOT_FOUND({ orderId });
      const added = decide(order);
      return added.length === 0 ? order : append(tx, orderId, added);
    },
    find: async (orderId, tx) => one(orderId, tx),
    findByNumber: async (number) => all().find((order) => order.number === number),
    async hasOrdered(customer) {
      const counts = (order: Order) => order.stage !== "rejected" && order.stage !== "cancelled";
      const isTheirs = (order: Order) =>
        "userId" in customer
          ? order.userId === customer.userId
          : isGuest(order) && order.emailKey === customer.emailKey;
      return all().some((order) => counts(order) && isTheirs(order));
    },
    ofGuest: async (tx, emailKey) =>
      all(tx).flatMap((order) => (isGuest(order) && order.emailKey === emailKey ? [order.orderId] : [])),
    async search(filter, { after, limit }) {
      const last = after === undefined ? undefined : one(after);
      const found = all().filter((order) => matches(order, filter));
      const beyond = found.filter((order) => last === undefined || compare(filter.sort, last, order) < 0);
      return beyond.sort((a, b) => compare(filter.sort, a, b)).slice(0, limit);
    },
    async list(userId, { after, limit }) {
      const last = after && { placedAt: after.placedAt, orderId: after.id };
      const found = all().filter((order) => order.userId === userId);
      const beyond = found.filter((order) => last === undefined || compare("newest", last, order) < 0);
      return beyond.sort((a, b) => compare("newest", a, b)).slice(0, limit);
    },
    history: async (orderId) => events.rows().get(orderId) ?? [],
    async changed(orderId, signal) {
      await once(changes, orderId, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
}

function fold(events: readonly OrderEvent[]): Order | undefined {
  const order = events.reduce<Order | undefined>(apply, undefined);
  if (order?.stage !== "rejected") return order;
  const { reason, detail } = endOf({ reason: order.reason, message: order.reasonDetail });
  return { ...order, reason, reasonDetail: detail };
}

function matches(order: Order, filter: OrderFilter): boolean {
  const { status, placedFrom, placedUntil, userId, numbers = [], orderId, sku, words = [] } = filter;
  const stage = status === "cancelling" ? order.cancelling : !order.cancelling && order.stage === status;
  return (
    (status === undefined || stage) &&
    (placedFrom === undefined || order.placedAt >= placedFrom) &&
    (placedUntil === undefined || order.placedAt < placedUntil) &&
    (userId === undefined || order.userId === userId) &&
    numbers.every((number) => order.number === number) &&
    (orderId === undefined || order.orderId === orderId) &&
    (sku === undefined || order.lines.some((line) => line.sku === sku)) &&
    words.every((word) => wordsOf(order).some((known) => known.startsWith(word)))
  );
}

function wordsOf({ address, lines }: Order): readonly string[] {
  const { recipient, line1, line2, city, postalCode, region } = address;
  const texts = [recipient, line1, line2, city, postalCode, region, ...lines.flatMap(({ sku, title }) => [sku, title])];
  const plain = texts
    .join(" ")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "");
  return plain.split(/[^\p{L}\p{N}]+/u);
}

type Sorted = Pick<Order, "placedAt" | "orderId"> & Partial<Pick<Order, "total">>;

function compare(sort: OrderSort, a: Sorted, b: Sorted): number {
  const [x, y] = sort === "oldest" || sort === "total_ascending" ? [a, b] : [b, a];
  const byTime = order(x.placedAt.getTime(), y.placedAt.getTime());
  const byTotal =
    order(x.total?.currency ?? "", y.total?.currency ?? "") || order(x.total?.minor ?? 0n, y.total?.minor ?? 0n);
  return (sort === "newest" || sort === "oldest" ? byTime : byTotal) || order(x.orderId, y.orderId);
}

const order = <T extends string | number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
