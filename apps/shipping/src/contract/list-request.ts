import { ShipmentStatus, ShipmentStatusSchema } from "@kontor/contracts/shipping/v1/shipment";
import {
  type ListShipmentsRequest,
  ShipmentSort,
  ShipmentSortSchema,
} from "@kontor/contracts/shipping/v1/shipping_service";
import { readFilters } from "@kontor/paging";
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

/** Returns what ListShipments lists. Throws INVALID_REQUEST that names each wrong field. */
export function listOf({ pageSize, pageToken, ...request }: ListShipmentsRequest): ListShipments {
  const filters = readFilters("shipping.kontor");
  const filter = {
    status: filters.choice("status", ShipmentStatusSchema, request.status, statuses),
    createdFrom: filters.time("createdFrom", request.createdFrom),
    createdUntil: filters.time("createdUntil", request.createdUntil),
    userId: filters.id("userId", request.userId),
    orderId: filters.id("orderId", request.orderId),
    trackingNumber: filters.id("trackingNumber", request.trackingNumber),
    oldestFirst: filters.choice("orderBy", ShipmentSortSchema, request.orderBy, oldestFirst) ?? false,
  };
  filters.end();
  return { filter, pageSize, pageToken };
}
