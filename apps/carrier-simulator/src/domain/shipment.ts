import { HttpError } from "@kontor/simulator";
import type { Service } from "./rates.ts";

type ShipmentStatus = "booked" | "picked_up" | "in_transit" | "delivered" | "cancelled";

export interface Address {
  readonly country: string;
  readonly [field: string]: unknown;
}

export interface Parcel {
  readonly weightGrams: number;
}

export interface Shipment {
  readonly id: string;
  readonly reference: string;
  readonly trackingNumber: string;
  readonly service: Service;
  readonly parcels: readonly Parcel[];
  readonly to: Address;
  readonly status: ShipmentStatus;
  /** Where the parcels are. */
  readonly location: string;
  /** When the status was reached. */
  readonly at: string;
  readonly createdAt: string;
}

/** The shipment one step further, or undefined at the end of its journey. */
export function advance(shipment: Shipment, at: string): Shipment | undefined {
  const { country } = shipment.to;
  switch (shipment.status) {
    case "booked":
      return { ...shipment, status: "picked_up", location: "Warehouse", at };
    case "picked_up":
      return { ...shipment, status: "in_transit", location: `Sorting centre, ${country}`, at };
    case "in_transit":
      return { ...shipment, status: "delivered", location: `Recipient, ${country}`, at };
    case "delivered":
    case "cancelled":
      return undefined;
  }
}

/** Cancels a shipment that still waits for pick-up. Cancelling twice changes nothing. */
export function cancel(shipment: Shipment, at: string): Shipment {
  switch (shipment.status) {
    case "booked":
      return { ...shipment, status: "cancelled", at };
    case "cancelled":
      return shipment;
    case "picked_up":
    case "in_transit":
    case "delivered":
      throw new HttpError(409, "already_picked_up", `The shipment is ${shipment.status}.`);
  }
}
