import type { ReadEvent, SignedMessage } from "@kontor/webhooks";
import type { Booking, Change, Parcel, Shipment, Status } from "./domain/shipment.ts";

/** The content of one message of the carrier. */
export type TrackingMessage = {
  readonly webhookId: string;
  readonly orderId: string;
  readonly booking: Booking;
  readonly status: Status;
  readonly location: string;
  readonly at: Date;
};

export type TrackingEvent = Pick<TrackingMessage, "status" | "location" | "at">;

/** The state of a shipment at the carrier. */
export type CarrierState = { readonly status: Status; readonly location: string; readonly at: Date };

/** A carrier. A missing response is CARRIER_UNAVAILABLE: the outcome is unknown. */
export interface Carrier {
  /** Books a parcel, once per order. Throws SHIPMENT_REFUSED. */
  book(parcel: Parcel): Promise<Booking>;
  /** The booking of an order, if there ever was one. */
  bookingOf(orderId: string): Promise<Booking | undefined>;
  /** Returns the state of a booked shipment; undefined if the carrier does not know it. */
  stateOf(carrierId: string): Promise<CarrierState | undefined>;
  /**
   * Recalls a booked parcel. `gone`: the carrier has picked it up. `forgotten`: the carrier does not know the shipment.
   * Recalling twice changes nothing.
   */
  recall(orderId: string, carrierId: string): Promise<"recalled" | "gone" | "forgotten">;
  /**
   * Verifies a message of the carrier and returns what reads its events, several if its body is an array. Throws SIGNATURE_WRONG, or
   * INVALID_REQUEST for what is not JSON; an event of unknown form throws INVALID_REQUEST when it is read.
   */
  read(message: SignedMessage, at: Date): readonly ReadEvent<TrackingMessage>[];
}

/** The queries to the carrier that replace lost messages. */
export interface ShipmentChecks {
  /** Returns open shipments that are due to be checked, each to one caller, and schedules the next check of each. */
  claimDue(limit: number): Promise<readonly Shipment[]>;
  /** Records the result of the check: a response, none, or that the carrier does not know the shipment. */
  record(orderId: string, found: "known" | "unanswered" | "forgotten"): Promise<void>;
}

/** The filters of staff for shipments, joined by AND. */
export type ShipmentFilter = {
  readonly status?: Status | undefined;
  readonly createdFrom?: Date | undefined;
  readonly createdUntil?: Date | undefined;
  readonly userId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly trackingNumber?: string | undefined;
  readonly oldestFirst: boolean;
};

export type ShipmentPage = {
  /** The id of the last one before the page. */
  readonly after?: string;
  readonly limit: number;
};

/** The shipments. Every change publishes the statuses it passed, in the same transaction. */
export interface Shipments {
  /** Returns the order's shipment; begins it as pending if there is none. */
  begin(parcel: Parcel): Promise<Shipment>;
  /** Returns the order's shipment; begins it as cancelled if there is none. */
  close(orderId: string): Promise<Shipment>;
  find(orderId: string): Promise<Shipment | undefined>;
  list(filter: ShipmentFilter, page: ShipmentPage): Promise<readonly Shipment[]>;
  tracking(orderId: string): Promise<readonly TrackingEvent[]>;
  /**
   * Stores the result of `decide` for a shipment, with a message once per message. If the shipment has changed since it was read,
   * `decide` is called again with the newer one.
   */
  update(shipment: Shipment, decide: (shipment: Shipment) => Change, message?: TrackingMessage): Promise<Shipment>;
}
