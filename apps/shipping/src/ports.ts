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

/** Where a carrier says that a shipment is. */
export type CarrierState = { readonly status: Status; readonly location: string; readonly at: Date };

/** A carrier. A missing response is CARRIER_UNAVAILABLE: the outcome is unknown. */
export interface Carrier {
  /** Books a parcel, once per order. Throws SHIPMENT_REFUSED. */
  book(parcel: Parcel): Promise<Booking>;
  /** The booking of an order, if there ever was one. */
  bookingOf(orderId: string): Promise<Booking | undefined>;
  /** Returns where a booked shipment is; undefined if the carrier knows no such shipment. */
  stateOf(carrierId: string): Promise<CarrierState | undefined>;
  /**
   * Recalls a booked parcel. `gone`: the carrier has picked it up. `forgotten`: the carrier knows no such shipment.
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
  /** Records what the check found: an answer, no answer, or that the carrier knows no such shipment. */
  record(orderId: string, found: "known" | "unanswered" | "forgotten"): Promise<void>;
}

/** What staff list shipments by. All that is given must hold. */
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
  /** The order's shipment; begun as pending if there is none. */
  begin(parcel: Parcel): Promise<Shipment>;
  /** The order's shipment; begun as cancelled if there is none. */
  close(orderId: string): Promise<Shipment>;
  find(orderId: string): Promise<Shipment | undefined>;
  list(filter: ShipmentFilter, page: ShipmentPage): Promise<readonly Shipment[]>;
  tracking(orderId: string): Promise<readonly TrackingEvent[]>;
  /**
   * Stores what `decide` makes of a shipment, with a message once per message. If the shipment has changed since it was read,
   * `decide` is called again with the newer one.
   */
  update(shipment: Shipment, decide: (shipment: Shipment) => Change, message?: TrackingMessage): Promise<Shipment>;
}
