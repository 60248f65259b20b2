import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Shipment as ShipmentMessage,
  ShipmentSchema,
  ShipmentStatus,
} from "@kontor/shop/contracts/shipping/v1/shipment";
import { present } from "@kontor/text";
import type { Address, Shipment, Status } from "../domain/shipment.ts";
import type { TrackingEvent } from "../ports.ts";

const statuses: Readonly<Record<Status, ShipmentStatus>> = {
  pending: ShipmentStatus.PENDING,
  booked: ShipmentStatus.BOOKED,
  picked_up: ShipmentStatus.PICKED_UP,
  in_transit: ShipmentStatus.IN_TRANSIT,
  delivered: ShipmentStatus.DELIVERED,
  cancelled: ShipmentStatus.CANCELLED,
};

/** The shipment as the contract shows it. */
export function shipmentMessage(shipment: Shipment, tracking: readonly TrackingEvent[] = []): ShipmentMessage {
  const { id, orderId, userId, status, method, address, trackingNumber, createdAt } = shipment;
  return create(ShipmentSchema, {
    ...{ id, orderId, ...present({ userId, method, trackingNumber }) },
    ...(address && { address: addressMessage(address) }),
    status: statuses[status],
    tracking: tracking.map(({ status, location, at }) => ({
      status: statuses[status],
      ...present({ location }),
      at: timestampFromDate(at),
    })),
    createdAt: timestampFromDate(createdAt),
  });
}

function addressMessage({ line2, region, ...address }: Address) {
  return { ...address, ...present({ line2, region }) };
}
