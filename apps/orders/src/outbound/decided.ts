import type { OutgoingEvent } from "@kontor/messaging";
import { createRowQueue, type RowQueue, type Tx } from "@kontor/postgres";
import { publicationOf } from "../contract/publications.ts";
import { apply, type Order, type OrderEvent } from "../domain/order.ts";

/** The decisions of a transaction about an order so far: the order before it and now, and the events to store. */
export interface Decided {
  /** Undefined for an order that is placed. */
  readonly before: Order | undefined;
  readonly after: Order;
  readonly events: readonly OrderEvent[];
  readonly publications: readonly OutgoingEvent[];
}

/** One of the changes that share statements. */
export interface Change {
  readonly orderId: string;
  /** Throws the error with which the change is refused. */
  readonly decide: (soFar: Decided) => Decided;
}

/** The result of a change. */
export type Outcome = { readonly order: Order } | { readonly error: unknown };

/** Returns an order of which nothing was decided yet. */
export function unchanged(order: Order): Decided {
  return { before: order, after: order, events: [], publications: [] };
}

/** Returns the decisions after further events. The first event of a new order is `placed`. */
export function followedBy(soFar: Decided | undefined, events: readonly OrderEvent[]): Decided {
  let after = soFar?.after;
  const publications = events.flatMap((event) => {
    after = apply(after, event);
    return publicationOf(event, after);
  });
  if (after === undefined) throw new Error("A new order needs its first event.");
  return {
    before: soFar?.before,
    after,
    events: [...(soFar?.events ?? []), ...events],
    publications: [...(soFar?.publications ?? []), ...publications],
  };
}

const queues = new WeakMap<Tx, RowQueue>();

/** Returns the queue of a transaction: its changes of orders run one after the other. */
export function queueOf(tx: Tx): RowQueue {
  const queue = queues.get(tx) ?? createRowQueue();
  queues.set(tx, queue);
  return queue;
}
