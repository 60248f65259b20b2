import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ShipmentStatus } from "@kontor/shop/contracts/shipping/v1/shipment";
import { type ListShipmentsRequest, ShipmentSort } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import type { ShipmentFilter } from "../ports.ts";
import type { ListShipments } from "../queries/list-shipments.ts";

const statuses: Readonly<Record<ShipmentStatus, ShipmentFilter["status"]>> = {
  [ShipmentStatus.UNSPECIFIED]: undefined,
  [ShipmentStatus.PENDING]: "pending",
  [ShipmentStatus.BOOKED]: "booked",
  [ShipmentStatus.PICKED_UP]: "picked_up",
  [ShipmentStatus.IN_TRANSIT]: "in_transit",
  [ShipmentStatus.DELIVERED]: "delivered",
  [ShipmentStatus.CANCELLED]: "cancelled",
};

const oldestFirst = {
  [ShipmentSort.UNSPECIFIED]: false,
  [ShipmentSort.NEWEST]: false,
  [ShipmentSort.OLDEST]: true,
} satisfies Record<ShipmentSort, boolean>;

/** Returns the filter of ListShipments. */
export function listOf({ pageSize, pageToken, ...request }: ListShipmentsRequest): ListShipments {
  const filter = {
    status: statuses[request.status],
    createdFrom: request.createdFrom && timestampDate(request.createdFrom),
    createdUntil: request.createdUntil && timestampDate(request.createdUntil),
    userId: request.userId || undefined,
    orderId: request.orderId || undefined,
    trackingNumber: request.trackingNumber || undefined,
    oldestFirst: oldestFirst[request.orderBy],
  };
  return { filter, pageSize, pageToken };
}
