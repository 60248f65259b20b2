import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  AvailabilityStatus,
  MovementKind,
  ReservationStatus,
  StockActorKind,
} from "@kontor/shop/contracts/inventory/v1/stock";
import { present } from "@kontor/text";
import type { Availability } from "../domain/availability.ts";
import type * as reservations from "../domain/reservation.ts";
import type * as stocks from "../domain/stock.ts";

const statuses = {
  held: ReservationStatus.HELD,
  committed: ReservationStatus.COMMITTED,
  released: ReservationStatus.RELEASED,
  expired: ReservationStatus.EXPIRED,
  returned: ReservationStatus.RETURNED,
} satisfies Record<reservations.ReservationStatus, ReservationStatus>;

const kinds = {
  restock: MovementKind.RESTOCK,
  adjustment: MovementKind.ADJUSTMENT,
  reservation: MovementKind.RESERVATION,
  release: MovementKind.RELEASE,
  sale: MovementKind.SALE,
  return: MovementKind.RETURN,
} satisfies Record<stocks.MovementKind, MovementKind>;

const actorKinds = {
  staff: StockActorKind.STAFF,
  system: StockActorKind.SYSTEM,
} satisfies Record<stocks.Actor["kind"], StockActorKind>;

const availabilityStatuses = {
  "in-stock": AvailabilityStatus.IN_STOCK,
  "low-stock": AvailabilityStatus.LOW_STOCK,
  "out-of-stock": AvailabilityStatus.OUT_OF_STOCK,
} satisfies Record<Availability["status"], AvailabilityStatus>;

export function availabilityMessage({ status, ...availability }: Availability) {
  return { ...availability, status: availabilityStatuses[status] };
}

export function reservationMessage({ status, items, expiresAt, orderId }: reservations.Reservation) {
  const expiry = expiresAt && { expiresAt: timestampFromDate(expiresAt) };
  return { orderId, items: [...items], status: statuses[status], ...expiry };
}

export function stockMessage(stock: stocks.Stock) {
  return { ...stock, levels: [...stock.levels] };
}

export function movementMessage({ actor, reason, reference, ...movement }: stocks.StockMovement) {
  const causedBy = actor && { actor: { kind: actorKinds[actor.kind], id: actor.id } };
  const texts = present({ reason, reference });
  return { ...movement, ...texts, kind: kinds[movement.kind], at: timestampFromDate(movement.at), ...causedBy };
}
