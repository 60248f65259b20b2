import type { Money } from "@kontor/money";
import type { Tx } from "@kontor/postgres";
import type { CancelReason } from "./domain/cancel.ts";
import type { Cart } from "./domain/cart.ts";
import type { CartProblem } from "./domain/cart-problems.ts";
import type { Charges, Use } from "./domain/charges.ts";
import type { Address, Order, OrderEvent, Stage } from "./domain/order.ts";
import type { Quote } from "./domain/place.ts";

/** The catalog. Quotes have the order of the items. */
export interface Catalog {
  quote(items: readonly { productId: string; sku: string }[]): Promise<readonly Quote[]>;
}

export interface Users {
  /** Undefined if the user has no such address. */
  resolveAddress(userId: string, addressId: string): Promise<Address | undefined>;
}

/** Units that can be reserved, by SKU. `lowStock` is the largest number that is public. */
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
  /** Refunds all captured money, and voids a hold. `partly` while another refund is in progress: then repeat it. */
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
  /** Throws COUNTRY_NOT_SERVED, CURRENCY_NOT_SERVED, PARCEL_TOO_HEAVY or METHOD_NOT_FOUND. */
  quote(parcel: { method: string; country: string; weightGrams: number; currency: string }): Promise<Money>;
  /** Returns the carrier's number; undefined if the parcel was recalled before. */
  dispatch(parcel: Parcel): Promise<string | undefined>;
  /** `gone` if the carrier has picked it up already. */
  recall(orderId: string): Promise<"recalled" | "gone">;
}

/** What is priced: lines at their base prices, with who buys and where it goes. */
export type PriceRequest = {
  readonly currency: string;
  readonly userId: string | undefined;
  /** Of a guest, if known: some promotions depend on who buys. */
  readonly email: string;
  /** Empty parts are not known. */
  readonly destination: { readonly country: string; readonly region: string; readonly postalCode: string };
  readonly codes: readonly string[];
  readonly lines: readonly {
    readonly productId: string;
    readonly sku: string;
    readonly quantity: number;
    /** Of one unit, perhaps in another currency. */
    readonly basePrice: Money;
    readonly categoryIds: readonly string[];
    readonly taxCategory: string;
  }[];
  /** What shipping costs by its rate; undefined while it is not known. */
  readonly shipping: bigint | undefined;
  /** Whether it is the first order of the customer; undefined if the customer is not known. */
  readonly firstOrder: boolean | undefined;
};

/** What lines cost by the rules of the shop. Unit prices are in the order of the lines, undefined for lines without a price in the currency. */
export type Priced = {
  readonly unitPrices: readonly (bigint | undefined)[];
  readonly charges: Charges;
  readonly problems: readonly CartProblem[];
};

/** By whom uses are counted: a user, or a guest by mail address. The other one is empty. */
export type UseCustomer = { readonly userId: string; readonly email: string };

/** Price lists, promotions and tax. */
export interface Pricing {
  price(request: PriceRequest): Promise<Priced>;
  /** Takes the uses of an order, all or none. Repeating it changes nothing. */
  holdUses(order: {
    readonly orderId: string;
    readonly customer: UseCustomer;
    readonly uses: readonly Use[];
  }): Promise<{ readonly status: "held" | "used up" }>;
  /** Gives the uses of an order back, once. */
  releaseUses(orderId: string): Promise<void>;
}

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
