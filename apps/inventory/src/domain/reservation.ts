import { inventoryErrors } from "./errors.ts";

export type ReservationStatus = "held" | "committed" | "released" | "expired" | "returned";

/** Units of one SKU. */
export interface StockItem {
  readonly sku: string;
  readonly quantity: number;
}

/** Stock set aside for an order. Without `expiresAt` it is a mark that refuses a later reservation. */
export interface Reservation {
  readonly orderId: string;
  readonly items: readonly StockItem[];
  readonly status: ReservationStatus;
  readonly expiresAt?: Date;
}

/** Decides a requested reservation: the order has its units, or never will. */
export function reserved(reservation: Reservation, wanted: readonly StockItem[]): Reservation {
  const { orderId, status, items } = reservation;
  switch (status) {
    case "held":
    case "committed":
      if (sameItems(items, wanted)) return reservation;
      throw inventoryErrors.RESERVATION_DIFFERS({ orderId });
    case "released":
    case "expired":
    case "returned":
      throw inventoryErrors.RESERVATION_CLOSED({ orderId, status });
  }
}

/** Decides a commit: the units are sold, or were released before. */
export function committed(reservation: Reservation): Reservation {
  const { orderId, status } = reservation;
  if (status === "committed") return reservation;
  throw inventoryErrors.RESERVATION_CLOSED({ orderId, status });
}

/** Decides a release: nothing is held for the order. Sold units are not released. */
export function released(reservation: Reservation): Reservation {
  if (reservation.status !== "committed") return reservation;
  throw inventoryErrors.RESERVATION_COMMITTED({ orderId: reservation.orderId });
}

function sameItems(some: readonly StockItem[], others: readonly StockItem[]): boolean {
  const quantities = new Map(others.map(({ sku, quantity }) => [sku, quantity]));
  return some.length === others.length && some.every(({ sku, quantity }) => quantities.get(sku) === quantity);
}
