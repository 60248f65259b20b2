/** A place that holds stock. */
export interface Location {
  readonly id: string;
  readonly name: string;
}

interface StockLevel {
  readonly locationId: string;
  readonly available: number;
  readonly held: number;
}

/** The largest number of units of a SKU, held ones included, that a booking may lead to. Contracts count in 32 bits. */
export const MAX_UNITS = 1_000_000_000;

/** The stock of a SKU, in total and per location. */
export interface Stock {
  readonly sku: string;
  readonly available: number;
  readonly held: number;
  readonly levels: readonly StockLevel[];
}

export type MovementKind = "restock" | "adjustment" | "reservation" | "release" | "sale" | "return";

/** The actor of a change: a member of staff by user id, or a service of the shop by name. */
export interface Actor {
  readonly kind: "staff" | "system";
  readonly id: string;
}

/** A change of available units that a member of staff requests. */
export interface Booking {
  readonly kind: "restock" | "adjustment";
  readonly sku: string;
  readonly locationId: string;
  readonly delta: number;
  readonly reason: string;
  /** Unique among all bookings. */
  readonly reference: string;
  /** The user id of the member of staff. */
  readonly actorId: string;
}

/** A change of stock that has happened. `actor` is absent for changes before it was recorded. */
export interface StockMovement extends Omit<Booking, "kind" | "delta" | "actorId"> {
  readonly id: bigint;
  readonly kind: MovementKind;
  readonly availableDelta: number;
  readonly heldDelta: number;
  readonly actor?: Actor;
  readonly at: Date;
}

/** Whether a movement equals the booking. */
export function isBooked(movement: StockMovement, { kind, delta, ...booking }: Booking): boolean {
  return (
    movement.kind === kind &&
    movement.availableDelta === delta &&
    movement.sku === booking.sku &&
    movement.locationId === booking.locationId &&
    movement.reason === booking.reason
  );
}
