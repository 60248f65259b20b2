import { shippingErrors } from "../domain/errors.ts";
import { book, cancel, type Shipment } from "../domain/shipment.ts";
import type { Carrier, Shipments } from "../ports.ts";

/**
 * Recalls the parcel of an order. Without a shipment it leaves a tombstone that refuses a later one. A shipment that the carrier
 * has forgotten cannot be recalled, and is cancelled here.
 */
export function cancelShipment({ shipments, carrier }: { shipments: Shipments; carrier: Carrier }) {
  return async (orderId: string): Promise<Shipment> => {
    const shipment = await shipments.close(orderId);
    const known = shipment.status === "pending" ? await findOut(shipment) : shipment;
    if (known.status === "booked" && (await carrier.recall(orderId, known.carrierId)) === "gone")
      throw shippingErrors.SHIPMENT_PICKED_UP({ orderId });
    return shipments.update(known, cancel);
  };

  /** A pending shipment may be booked without our knowing. */
  async function findOut(shipment: Shipment): Promise<Shipment> {
    const booking = await carrier.bookingOf(shipment.orderId);
    if (booking === undefined) return shipment;
    return shipments.update(shipment, (current) => book(current, booking));
  }
}
