import type { Shipment } from "./domain/shipment.ts";

/** The content of a tracking webhook. */
export function tracking({ id, reference, trackingNumber, status, at, location }: Shipment): object {
  return { shipmentId: id, reference, trackingNumber, status, at, location };
}
