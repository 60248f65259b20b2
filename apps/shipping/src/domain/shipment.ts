import { shippingErrors } from "./errors.ts";

/** The status of a shipment. `pending`: the request to the carrier is in progress. */
export type Status = "pending" | "booked" | "picked_up" | "in_transit" | "delivered" | "cancelled";

export type Address = Readonly<
  Record<"id" | "recipient" | "line1" | "line2" | "city" | "postalCode" | "region" | "country", string>
>;

/** The parcel of an order. */
export type Parcel = {
  readonly orderId: string;
  readonly userId: string;
  readonly method: string;
  readonly address: Address;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly weightGrams: number;
};

/** The carrier's ids of a booked parcel. */
export type Booking = { readonly carrierId: string; readonly trackingNumber: string };

export type Shipment = Omit<Parcel, "address"> &
  Booking & {
    readonly id: string;
    readonly status: Status;
    /** Absent in the tombstone of a shipment that never was. */
    readonly address: Address | undefined;
    readonly createdAt: Date;
  };

/** A shipment after a change, and the statuses it went through. */
export type Change = { readonly shipment: Shipment; readonly passed: readonly Status[] };

const way = ["pending", "booked", "picked_up", "in_transit", "delivered"] as const satisfies Status[];

/**
 * Records the carrier's booking. A cancelled shipment remains cancelled, but stores the ids that must be recalled. Repeating it changes
 * nothing.
 */
export function book(shipment: Shipment, booking: Booking): Change {
  if (shipment.status === "pending") return advance({ ...shipment, ...booking }, "booked");
  return { shipment: shipment.carrierId === "" ? { ...shipment, ...booking } : shipment, passed: [] };
}

/** Records the parcel's position as the carrier reports it. Passes through skipped statuses; earlier ones change nothing. */
export function advance(shipment: Shipment, to: Exclude<Status, "cancelled">): Change {
  if (shipment.status === "cancelled") return { shipment, passed: [] };
  const passed = way.slice(way.indexOf(shipment.status) + 1, way.indexOf(to) + 1);
  return { shipment: passed.length > 0 ? { ...shipment, status: to } : shipment, passed };
}

/** Returns the shipment after the carrier reported where it is, by message or by query. */
export function follow(shipment: Shipment, booking: Booking, status: Status): Change {
  const booked = book(shipment, booking);
  const moved = status === "cancelled" ? cancel(booked.shipment) : advance(booked.shipment, status);
  return { shipment: moved.shipment, passed: [...booked.passed, ...moved.passed] };
}

/** Called back before the carrier has it. Twice changes nothing; too late is SHIPMENT_PICKED_UP. */
export function cancel(shipment: Shipment): Change {
  switch (shipment.status) {
    case "pending":
    case "booked":
      return { shipment: { ...shipment, status: "cancelled" }, passed: ["cancelled"] };
    case "cancelled":
      return { shipment, passed: [] };
    case "picked_up":
    case "in_transit":
    case "delivered":
      throw shippingErrors.SHIPMENT_PICKED_UP({ orderId: shipment.orderId });
  }
}
