import type { Shipment } from "./domain/shipment.ts";

/** What a tracking webhook says. */
export function tracking({ id, reference, trackingNumber, status, at, location }: Shipment): object {
  return { shipmentId: id, reference, trackingNumber, status, at, location };
}
