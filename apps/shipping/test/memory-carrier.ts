import { shippingErrors } from "../src/domain/errors.ts";
import type { Booking } from "../src/domain/shipment.ts";
import type { Carrier, CarrierState, TrackingMessage } from "../src/ports.ts";

/** A carrier in memory, which a test moves. */
export interface MemoryCarrier extends Carrier {
  readonly bookings: Map<string, Booking>;
  readonly states: Map<string, CarrierState>;
  /** The carrier ids of the parcels that were recalled. */
  readonly recalled: string[];
  /** What happens before a call, by its name: it may throw. */
  readonly before: { book?: () => void; bookingOf?: () => void; stateOf?: () => void; recall?: () => void };
  /** What happens after a booking, before its caller receives it. */
  booked: () => Promise<void>;
  /** The message that is read next. */
  message: TrackingMessage | undefined;
}

/** Creates a carrier that accepts all parcels. */
export function createMemoryCarrier(): MemoryCarrier {
  const carrier: MemoryCarrier = {
    bookings: new Map(),
    states: new Map(),
    recalled: [],
    before: {},
    booked: async () => undefined,
    message: undefined,
    async book({ orderId }) {
      carrier.before.book?.();
      const nth = carrier.bookings.size + 1;
      const booking = carrier.bookings.get(orderId) ?? { carrierId: `shp_${nth}`, trackingNumber: `TRK-${nth}` };
      carrier.bookings.set(orderId, booking);
      await carrier.booked();
      return booking;
    },
    async bookingOf(orderId) {
      carrier.before.bookingOf?.();
      return carrier.bookings.get(orderId);
    },
    async stateOf(carrierId) {
      carrier.before.stateOf?.();
      return carrier.states.get(carrierId);
    },
    async recall(_, carrierId) {
      carrier.before.recall?.();
      if (carrier.states.get(carrierId)?.status === "picked_up") return "gone";
      carrier.recalled.push(carrierId);
      return "recalled";
    },
    read: () => [() => carrier.message],
  };
  return carrier;
}

/** Throws as a carrier that does not respond. */
export function away(): never {
  throw shippingErrors.CARRIER_UNAVAILABLE();
}
