import type { Claim } from "@kontor/idempotency";
import type { Tx } from "@kontor/postgres";
import type { Reservation, StockItem } from "./domain/reservation.ts";
import type { Booking, Location, Stock, StockMovement } from "./domain/stock.ts";

/**
 * Reservations. Each change is one transaction that also marks rows for publication. Each throws STOCK_BUSY when another
 * transaction holds the lock of its order or of one of its SKUs for too long.
 */
export interface Reservations {
  /** Reserves all units or throws OUT_OF_STOCK; returns the order's reservation if it has one. */
  reserve(orderId: string, items: readonly StockItem[]): Promise<Reservation>;
  /** Sells held units that have not expired. Returns the reservation after it. */
  commit(orderId: string): Promise<Reservation | undefined>;
  /** Releases held units, and returns sold ones on request. Stores a tombstone if there is no reservation. */
  undo(orderId: string, options: { readonly soldToo: boolean }): Promise<Reservation>;
  find(orderId: string): Promise<Reservation | undefined>;
  /** Returns the orders of up to `limit` held reservations whose time is over, by id and after `after`. */
  overdue(limit: number, after?: string): Promise<readonly string[]>;
  /** Gives back the units of a reservation whose time is over. Another status changes nothing. */
  expire(orderId: string): Promise<void>;
}

export type StockRank = { readonly sku: string; readonly available: number };

/** Stock and its history. */
export interface StockBook {
  /**
   * Books a change of stock and settles the claim of its reference in one transaction. Throws SKU_NOT_FOUND,
   * LOCATION_NOT_FOUND, STOCK_TOO_LOW, STOCK_TOO_HIGH, or IDEMPOTENCY_KEY_REUSED if another movement has the reference.
   */
  book(booking: Booking, claim: Claim): Promise<void>;
  find(sku: string): Promise<Stock | undefined>;
  /** Returns the reservable units of each SKU, in their order; 0 for unknown ones. */
  availability(skus: readonly string[]): Promise<readonly StockItem[]>;
  /** Newest first. */
  /** Returns the SKUs with no more reservable units than the limit, the fewest first. May lag behind by seconds. */
  low(
    maxAvailable: number,
    page: { readonly after?: StockRank; readonly limit: number },
  ): Promise<readonly StockRank[]>;
  movements(sku: string, page: { readonly before?: bigint; readonly limit: number }): Promise<readonly StockMovement[]>;
}

export interface Locations {
  /** Returns the stored location: an existing one remains unchanged. */
  add(location: Location): Promise<Location>;
  list(): Promise<readonly Location[]>;
}

/** A page of the changes that were not yet published. */
export interface AnnouncedPage {
  /** How many changes there were. */
  readonly found: number;
  /** The SKUs that another transaction held, or changed meanwhile. They must still be published. */
  readonly left: readonly string[];
  /** The last SKU and the last order. */
  readonly last: { readonly sku: string; readonly orderId: string };
}

/** Changes that are not yet published. */
export interface Publications {
  /** Publishes up to `limit` changed SKUs and as many expired reservations, by key and after those of the page before. */
  announce(limit: number, after?: AnnouncedPage): Promise<AnnouncedPage>;
  /** Publishes one changed SKU. Waits up to 50 ms for its lock; returns whether it got it. */
  announceSku(sku: string): Promise<boolean>;
}

/** A refund whose items return to stock. */
export interface ReturnRequest {
  readonly orderId: string;
  /** Of the refund. The same reference again changes nothing. */
  readonly reference: string;
  readonly items: readonly StockItem[];
  /** Such as `staff:<id>`. */
  readonly actor: string;
}

/** Returns units of a sold reservation to stock, limited to its remaining ones, in a transaction. Resolves to their number. */
export type ReturnItems = (tx: Tx, request: ReturnRequest) => Promise<number>;
