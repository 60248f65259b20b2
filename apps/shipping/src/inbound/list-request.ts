import { timestampDate } from "@bufbuild/protobuf/wkt";
import { ShipmentStatus } from "@kontor/contracts/shipping/v1/shipment";
import { type ListShipmentsRequest, ShipmentSort } from "@kontor/contracts/shipping/v1/shipping_service";
import { type FieldViolation, invalid, violation } from "@kontor/errors";
import type { ShipmentFilter } from "../ports.ts";
import type { ListShipments } from "../queries/list-shipments.ts";

const ID = /^[\x21-\x7e]{1,100}$/;

const statuses: Readonly<Record<ShipmentStatus, ShipmentFilter["status"]>> = {
  [ShipmentStatus.UNSPECIFIED]: undefined,
  [ShipmentStatus.PENDING]: "pending",
  [ShipmentStatus.BOOKED]: "booked",
  [ShipmentStatus.PICKED_UP]: "picked_up",
  [ShipmentStatus.IN_TRANSIT]: "in_transit",
  [ShipmentStatus.DELIVERED]: "delivered",
  [ShipmentStatus.CANCELLED]: "cancelled",
};

const NAMES = Object.values(statuses).filter((status) => status !== undefined);

/** Returns what ListShipments lists. Throws INVALID_REQUEST naming every field that cannot be. */
export function listOf(request: ListShipmentsRequest): ListShipments {
  const { status, createdFrom, createdUntil, userId, orderId, trackingNumber, orderBy, pageSize, pageToken } = request;
  const violations: FieldViolation[] = [];
  if (!(status in statuses)) violations.push(violation("status", "NOT_IN", { values: NAMES }));
  if (!(orderBy in ShipmentSort)) violations.push(violation("orderBy", "NOT_IN", { values: ["newest", "oldest"] }));
  for (const [field, value] of Object.entries({ userId, orderId, trackingNumber }))
    if (value !== "" && !ID.test(value))
      violations.push(violation(field, "WRONG_CHARACTERS", { min: 1, max: 100, allowed: "! to ~" }));
  if (violations.length > 0) throw invalid(violations, "shipping.kontor");
  const filter = {
    status: statuses[status],
    createdFrom: createdFrom && timestampDate(createdFrom),
    createdUntil: createdUntil && timestampDate(createdUntil),
    userId: userId || undefined,
    orderId: orderId || undefined,
    trackingNumber: trackingNumber || undefined,
    oldestFirst: orderBy === ShipmentSort.OLDEST,
  };
  return { filter, pageSize, pageToken };
}
