import type { SignedMessage } from "@kontor/webhooks";
import type { Booking, Change, Parcel, Shipment, Status } from "./domain/shipment.ts";

/** What the carrier told in one message. */
export type TrackingMessage = {
  readonly webhookId: string;
  readonly orderId: string;
  readonly booking: Booking;
  readonly status: Status;
  readonly location: string;
  readonly at: Date;
};

export type TrackingEvent = Pick<TrackingMessage, "status" | "location" | "at">;

/** A carrier. No answer is CARRIER_UNAVAILABLE and means that nobody knows what happened. */
export interface Carrier {
  /** Books a parcel, once per order. Throws SHIPMENT_REFUSED. */
  book(parcel: Parcel): Promise<Booking>;
  /** The booking of an order, if there ever was one. */
  bookingOf(orderId: string): Promise<Booking | undefined>;
  /** Calls a booked parcel back; `gone` when the carrier has it already. Twice changes nothing. */
  recall(orderId: string, carrierId: string): Promise<"recalled" | "gone">;
  /** Verifies and reads a message of the carrier. Throws SIGNATURE_WRONG, or INVALID_REQUEST for what nobody understands. */
  read(message: SignedMessage, at: Date): TrackingMessage | undefined;
}

/** The shipments. Every change publishes the statuses it passed, in the same transaction. */
export interface Shipments {
  /** The order's shipment; begun as pending if there is none. */
  begin(parcel: Parcel): Promise<Shipment>;
  /** The order's shipment; begun as cancelled if there is none. */
  close(orderId: string): Promise<Shipment>;
  find(orderId: string): Promise<Shipment | undefined>;
  tracking(orderId: string): Promise<readonly TrackingEvent[]>;
  /** Locks the shipment and stores what `decide` makes of it. With a message: once per message. */
  update(orderId: string, decide: (shipment: Shipment) => Change, message?: TrackingMessage): Promise<Shipment>;
}
