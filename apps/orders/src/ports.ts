import type { Money } from "@kontor/money";
import type { Tx } from "@kontor/postgres";
import type { CancelReason } from "./domain/cancel.ts";
import type { Address, Order, OrderEvent, Stage } from "./domain/order.ts";
import type { Quote } from "./domain/place.ts";

/** What the catalog tells us. Quotes come back in the order of the items. */
export interface Catalog {
  quote(items: readonly { productId: string; sku: string }[]): Promise<readonly Quote[]>;
}

export interface Users {
  /** Undefined when the user has no such address. */
  resolveAddress(userId: string, addressId: string): Promise<Address | undefined>;
}

/** Units that can be reserved, by SKU. `lowStock` is the largest number that shoppers may learn. */
export interface AvailableStock {
  readonly units: ReadonlyMap<string, number>;
  readonly lowStock: number;
}

export interface Inventory {
  availability(skus: readonly string[]): Promise<AvailableStock>;
  reserve(orderId: string, items: readonly { sku: string; quantity: number }[]): Promise<void>;
  /** `closed` when nothing is reserved any more: it was released or has expired. */
  commit(orderId: string): Promise<"committed" | "closed">;
  release(orderId: string): Promise<void>;
  takeBack(orderId: string): Promise<void>;
}

export type Authorisation =
  | { readonly status: "authorised"; readonly paymentId: string }
  | { readonly status: "declined"; readonly code: string }
  | { readonly status: "action-required" };

export interface Payments {
  authorise(order: { orderId: string; userId: string; amount: Money; paymentMethod: string }): Promise<Authorisation>;
  capture(orderId: string): Promise<void>;
  void(orderId: string): Promise<void>;
  /** Gives back all that was taken, and lifts what is held. `partly` while another refund is under way: repeat it then. */
  refund(orderId: string, reason: string, actor?: string): Promise<"refunded" | "partly">;
}

export type Parcel = {
  readonly orderId: string;
  readonly userId: string;
  readonly method: string;
  readonly address: Address;
  readonly items: readonly { sku: string; quantity: number }[];
  readonly weightGrams: number;
};

export interface Shipping {
  quote(parcel: { method: string; country: string; weightGrams: number; currency: string }): Promise<Money>;
  /** Answers with the carrier's number; undefined when the parcel was recalled before. */
  dispatch(parcel: Parcel): Promise<string | undefined>;
  /** `gone` when the carrier has it already. */
  recall(orderId: string): Promise<"recalled" | "gone">;
}

export type OrderPage = { readonly after?: { readonly placedAt: Date; readonly id: string }; readonly limit: number };

export type SearchPage = { readonly after?: string; readonly limit: number };

/** How staff sort orders: by time, or by currency and total. */
export type OrderSort = "newest" | "oldest" | "total_ascending" | "total_descending";

/** What staff list orders by. All that is given must hold. */
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

/** Orders and their history. Every change publishes what it must in the same transaction. */
export interface Orders {
  /** Stores a new order. Throws ORDER_NUMBER_TAKEN; the transaction must then be given up. */
  place(tx: Tx, order: Order): Promise<void>;
  /** Returns the order as it was placed, whatever happened to it since. */
  placed(orderId: string): Promise<Order>;
  /** Locks the order, appends what `decide` answers and returns the order after it. Throws ORDER_NOT_FOUND. */
  change(tx: Tx, orderId: string, decide: (order: Order) => readonly OrderEvent[]): Promise<Order>;
  /** Runs within a transaction, if one is given: a caller inside of one must not wait for a second connection. */
  find(orderId: string, tx?: Tx): Promise<Order | undefined>;
  /** Returns orders that a filter describes, those after the order `after`. */
  search(filter: OrderFilter, page: SearchPage): Promise<readonly Order[]>;
  findByNumber(number: string): Promise<Order | undefined>;
  list(userId: string, page: OrderPage): Promise<readonly Order[]>;
  history(orderId: string): Promise<readonly OrderEvent[]>;
  /** Resolves after the next change of the order that this process hears of, or when the signal aborts. */
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

/** What the cancellation knows of checkouts. */
export interface Checkouts {
  /** Whether the checkout of this order will do nothing more. */
  ended(orderId: string): Promise<boolean>;
}

/** The sagas that commands start, compensate or wake. */
export interface Sagas {
  beginCheckout(tx: Tx, order: Order): Promise<void>;
  /** False once the stock is sold: then only a cancellation can undo the order. */
  abortCheckout(tx: Tx, orderId: string, reason: CancelReason): Promise<boolean>;
  /** Lets a checkout that waits for its payment, or for the next attempt to authorise it, continue at once. */
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
