import { shippingErrors } from "../domain/errors.ts";
import { book, type Parcel, type Shipment } from "../domain/shipment.ts";
import type { Carrier, Shipments } from "../ports.ts";

/** Books the parcel of an order. A repetition returns the same shipment; a recalled one is SHIPMENT_CLOSED. */
export function dispatchShipment({ shipments, carrier }: { shipments: Shipments; carrier: Carrier }) {
  return async (parcel: Parcel): Promise<Shipment> => {
    const begun = await shipments.begin(parcel);
    const booking = await bookingOf(begun, parcel);
    if (booking === undefined) return begun;
    const shipment = await shipments.update(begun, (current) => book(current, booking));
    if (shipment.status !== "cancelled") return shipment;
    // Cancelled while the carrier was booking: no other process has its parcel id. The parcel must be recalled.
    if ((await carrier.recall(parcel.orderId, booking.carrierId)) === "gone")
      throw shippingErrors.SHIPMENT_PICKED_UP({ orderId: parcel.orderId });
    throw shippingErrors.SHIPMENT_CLOSED({ orderId: parcel.orderId });
  };

  async function bookingOf(begun: Shipment, parcel: Parcel) {
    if (begun.status === "pending") return carrier.book(parcel);
    if (begun.status !== "cancelled") return undefined;
    // The shipment must not have been recalled: an earlier attempt may have ended before the carrier's response.
    const booked = begun.carrierId === "" ? await carrier.bookingOf(parcel.orderId) : begun;
    if (booked === undefined) throw shippingErrors.SHIPMENT_CLOSED({ orderId: parcel.orderId });
    return booked;
  }
}
