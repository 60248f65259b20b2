import { randomUUIDv7 } from "node:crypto";
import type { SharedTransactions } from "@kontor/batch";
import { isKontorError } from "@kontor/errors";
import type { Claim } from "@kontor/idempotency";
import { pipelined, type Tx } from "@kontor/postgres";
import { newOrder, type Order, type Placement } from "../domain/order.ts";
import { orderNumber } from "../domain/order-number.ts";
import type { Orders, Sagas } from "../ports.ts";

/** What an order is stored with. */
export type PlacingDeps = {
  /** Orders that are placed at the same time share a transaction. */
  readonly share: SharedTransactions;
  readonly orders: Pick<Orders, "place">;
  readonly sagas: Pick<Sagas, "beginCheckout">;
  readonly now: () => Date;
  /** Returns an unguessable number of NUMBER_BITS bits. */
  readonly random: () => number;
};

export type NewPlacement = (ids: Required<Pick<Placement, "orderId" | "number">>) => Placement;

const NUMBER_ATTEMPTS = 5;

/**
 * Stores orders. One transaction settles the key, stores the order and begins its checkout. `first` runs in the transaction before: if it
 * resolves to false, nothing is stored and the result is undefined.
 */
export function placing({ share, orders, sagas, now, random }: PlacingDeps) {
  return async (
    claim: Claim,
    placementOf: NewPlacement,
    first?: (tx: Tx, order: Order) => Promise<boolean>,
  ): Promise<Order | undefined> => {
    const place = async (number: string): Promise<Order | undefined> => {
      const order = newOrder(placementOf({ orderId: randomUUIDv7(), number }), now());
      return share(async (tx) => {
        if (first !== undefined && !(await first(tx, order))) return undefined;
        await pipelined([claim.settle(tx, order.orderId), orders.place(tx, order), sagas.beginCheckout(tx, order)]);
        return order;
      });
    };
    return withFreeNumber(place, random);
  };
}

/** Repeats the transaction with another number while an order has that number. */
async function withFreeNumber<T>(place: (number: string) => Promise<T>, random: () => number): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await place(orderNumber(random()));
    } catch (error) {
      if (attempt === NUMBER_ATTEMPTS || !isKontorError(error, "ORDER_NUMBER_TAKEN")) throw error;
    }
  }
}
