import { shippingErrors } from "../domain/errors.ts";
import type { Shipment } from "../domain/shipment.ts";
import type { Shipments, TrackingEvent } from "../ports.ts";

export type Reader = { readonly userId: string; readonly readsAny: boolean };

/** Finds the shipment of an order for its reader, with the carrier's messages. Another user's does not exist for the reader. */
export function findShipment({ shipments }: { shipments: Pick<Shipments, "find" | "tracking"> }) {
  return async (orderId: string, reader: Reader): Promise<Shipment & { tracking: readonly TrackingEvent[] }> => {
    const shipment = orderId.includes("\0") ? undefined : await shipments.find(orderId);
    const visible = shipment?.address !== undefined && (shipment.userId === reader.userId || reader.readsAny);
    if (shipment === undefined || !visible) throw shippingErrors.SHIPMENT_NOT_FOUND({ orderId });
    return { ...shipment, tracking: await shipments.tracking(orderId) };
  };
}
