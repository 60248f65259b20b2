import type { Tx } from "@kontor/postgres";
import type { CancelReason } from "./domain/cancel.ts";
import type { Cart } from "./domain/cart.ts";
import type { Order, OrderEvent, Stage } from "./domain/order.ts";

/** Carts. A cart that has not changed for the retention of carts is gone. */
export interface Carts {
  /** Stores a new cart. If it is the cart of a user who has an open one, returns that one. */
  create(cart: Cart): Promise<Cart>;
  find(id: string): Promise<Cart | undefined>;
  /** Returns the cart of a user that is neither ordered nor merged. */
  openOf(userId: string): Promise<Cart | undefined>;
  /** Locks carts and stores those that `decide` returns. Ids without a cart are missing from its argument. */
  change(ids: readonly string[], decide: (carts: ReadonlyMap<string, Cart>) => readonly Cart[]): Promise<void>;
  /** Remembers the unit prices that the answer to a change shows, unless the cart has another version. */
  remember(cart: Pick<Cart, "id" | "version">, prices: ReadonlyMap<string, bigint>): Promise<void>;
  /** Makes the cart the order, if it still has the version and is open. Of concurrent transactions one succeeds. */
  order(tx: Tx, cart: Pick<Cart, "id" | "version">, orderId: string): Promise<boolean>;
  /** Opens the cart of an order again, or merges it into the user's open cart. Without a cart nothing happens. */
  giveBack(tx: Tx, orderId: string, at: Date): Promise<void>;
}

/** Links that open one order. Tokens are stored as hashes. */
export interface OrderLinks {
  add(tx: Tx, orderId: string, token: string): Promise<void>;
  /** Returns the order that a token opens; undefined for one that is unknown, expired or revoked. */
  orderOf(token: string): Promise<string | undefined>;
  revoke(orderId: string): Promise<void>;
}

export type OrderPage = { readonly after?: { readonly placedAt: Date; readonly id: string }; readonly limit: number };

export type SearchPage = { readonly after?: string; readonly limit: number };

/** How staff sort orders: by time, or by currency and total. */
export type OrderSort = "newest" | "oldest" | "total_ascending" | "total_descending";

/** The filters of staff for orders, joined by AND. */
export type OrderFilter = {
  readonly status?: Stage | "cancelling" | undefined;
  readonly placedFrom?: Date | undefined;
  readonly placedUntil?: Date | undefined;
  readonly userId?: string | undefined;
  /** All of them must be the number of the order. */
  readonly numbers?: readonly string[] | undefined;
  readonly orderId?: string | undefined;
  readonly sku?: string | undefined;
  /** Beginnings of words, without accents, in lower case, letters and digits only. */
  readonly words?: readonly string[] | undefined;
  readonly sort: OrderSort;
};

/** Orders and their history. Every change publishes its events in the same transaction. */
export interface Orders {
  /** Stores a new order. Throws ORDER_NUMBER_TAKEN; the transaction must then be rolled back. */
  place(tx: Tx, order: Order): Promise<void>;
  /** Returns the order as it was placed, without later changes. */
  placed(orderId: string): Promise<Order>;
  /** Locks the order, appends the events of `decide` and returns the order after them. Throws ORDER_NOT_FOUND. */
  change(tx: Tx, orderId: string, decide: (order: Order) => readonly OrderEvent[]): Promise<Order>;
  /** Runs within a transaction, if one is given: a caller inside of one must not wait for a second connection. */
  find(orderId: string, tx?: Tx): Promise<Order | undefined>;
  /** Returns orders that a filter describes, those after the order `after`. */
  search(filter: OrderFilter, page: SearchPage): Promise<readonly Order[]>;
  findByNumber(number: string): Promise<Order | undefined>;
  /** Whether a user, or a guest with the one spelling of a mail address, has an order that was neither rejected nor cancelled. */
  hasOrdered(customer: { readonly userId: string } | { readonly emailKey: string }): Promise<boolean>;
  /** Returns the ids of orders of guests with a mail address, of which `emailKey` is the one spelling. */
  ofGuest(tx: Tx, emailKey: string): Promise<readonly string[]>;
  list(userId: string, page: OrderPage): Promise<readonly Order[]>;
  history(orderId: string): Promise<readonly OrderEvent[]>;
  /** Resolves after the next change of the order that this process receives, or when the signal aborts. */
  changed(orderId: string, signal: AbortSignal): Promise<void>;
}

/** Decides whether the shop can take another order now. */
export interface Admission {
  /**
   * Admits an order, and resolves to a function to call once it is placed or not. Throws OVERLOADED, with the time after which to
   * try again, while orders arrive faster than they are fulfilled.
   */
  admit(): Promise<() => void>;
}

/** The checkouts as the cancellation uses them. */
export interface Checkouts {
  /** Whether the checkout of this order will do nothing more. */
  ended(orderId: string): Promise<boolean>;
}

/** The sagas that commands start, compensate or wake. */
export interface Sagas {
  beginCheckout(tx: Tx, order: Order): Promise<void>;
  /** False once the stock is sold: then only a cancellation can undo the order. */
  abortCheckout(tx: Tx, orderId: string, reason: CancelReason): Promise<boolean>;
  /** Continues a checkout at once that waits for its payment, or for the next attempt to authorise it. */
  wakeCheckout(tx: Tx, orderId: string): Promise<void>;
  beginCancellation(tx: Tx, order: Order, reason: CancelReason, actor: string): Promise<void>;
  /** Begins the cancellation that an order requested at a version, or wakes it. */
  continueCancellation(
    tx: Tx,
    request: Pick<Order, "orderId" | "version">,
    reason: CancelReason,
    actor: string,
  ): Promise<void>;
  /** Ends a parked checkout; nothing is undone by that. False when it is not parked. */
  endCheckout(tx: Tx, orderId: string): Promise<boolean>;
  parked(): Promise<readonly ParkedSaga[]>;
  /** False when it is not parked. */
  resume(name: string, id: string): Promise<boolean>;
}

export type ParkedSaga = {
  readonly name: string;
  readonly id: string;
  readonly step: string;
  readonly error: string;
  readonly since: Date;
};
