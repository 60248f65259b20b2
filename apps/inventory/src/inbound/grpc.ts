import { type CallContext, type Implementation, implement, type Settled, settleEach, statusMessage } from "@kontor/rpc";
import {
  type AdjustStockRequest,
  InventoryService,
  type RestockRequest,
} from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { readText } from "@kontor/text";
import type { bookStock } from "../commands/book-stock.ts";
import type { commitReservation } from "../commands/commit-reservation.ts";
import type { releaseReservation } from "../commands/release-reservation.ts";
import type { reserveStock } from "../commands/reserve-stock.ts";
import type { returnStock } from "../commands/return-stock.ts";
import { availabilityMessage, movementMessage, reservationMessage, stockMessage } from "../contract/messages.ts";
import { availabilityOf } from "../domain/availability.ts";
import type { Reservation } from "../domain/reservation.ts";
import type { Booking } from "../domain/stock.ts";
import type { Locations, StockBook } from "../ports.ts";
import type { findReservation } from "../queries/find-reservation.ts";
import type { findStock } from "../queries/find-stock.ts";
import type { listLowStock } from "../queries/list-low-stock.ts";
import type { listMovements } from "../queries/list-movements.ts";

interface Deps {
  readonly locations: Locations;
  readonly availability: StockBook["availability"];
  /** The largest number of units that shoppers may know. */
  readonly lowStock: number;
  readonly bookStock: ReturnType<typeof bookStock>;
  readonly findStock: ReturnType<typeof findStock>;
  readonly listMovements: ReturnType<typeof listMovements>;
  readonly listLowStock: ReturnType<typeof listLowStock>;
  readonly reserveStock: ReturnType<typeof reserveStock>;
  readonly commitReservation: ReturnType<typeof commitReservation>;
  readonly releaseReservation: ReturnType<typeof releaseReservation>;
  readonly returnStock: ReturnType<typeof returnStock>;
  readonly findReservation: ReturnType<typeof findReservation>;
}

/** InventoryService over gRPC. */
export function inventoryService(app: Deps): Implementation {
  const publicAvailability = async (skus: readonly string[]) =>
    (await app.availability(skus)).map(({ sku, quantity }) =>
      availabilityMessage(availabilityOf(sku, quantity, app.lowStock)),
    );
  return implement(InventoryService, {
    async createLocation({ location }) {
      const { id = "", name = "" } = location ?? {};
      return { location: await app.locations.add({ id, name: readText(name) }) };
    },
    async listLocations() {
      return { locations: [...(await app.locations.list())] };
    },
    async getStock({ sku }) {
      return { stock: stockMessage(await app.findStock(sku)) };
    },
    async restock(request, call) {
      const delivery = { ...deliveryOf(request), actorId: actorOf(call) };
      return { stock: stockMessage(await app.bookStock(delivery, { call, validate: () => call.validate() })) };
    },
    async adjustStock(request, call) {
      const correction = { ...correctionOf(request), actorId: actorOf(call) };
      return { stock: stockMessage(await app.bookStock(correction, { call, validate: () => call.validate() })) };
    },
    async listStockMovements(request) {
      const { items, ...next } = await app.listMovements(request);
      return { movements: items.map(movementMessage), ...next };
    },
    async listLowStock({ maxAvailable = app.lowStock, ...request }) {
      const { items, ...next } = await app.listLowStock({ ...request, maxAvailable });
      return { skus: [...items], ...next };
    },
    async getAvailability({ sku }) {
      const [availability] = await publicAvailability([sku]);
      return { ...(availability && { availability }) };
    },
    async batchGetAvailability({ skus }) {
      return { availability: await publicAvailability(skus) };
    },
    async checkAvailability({ skus }) {
      return { items: [...(await app.availability(skus))], lowStock: app.lowStock };
    },
    async reserveStock({ orderId, items }, call) {
      return { reservation: reservationMessage(await app.reserveStock(orderId, items, () => call.validate())) };
    },
    async batchReserveStock({ requests }) {
      return resultsOf(await settleEach(requests, ({ orderId, items }) => app.reserveStock(orderId, items, VALIDATED)));
    },
    async batchCommitReservations({ requests }) {
      return resultsOf(await settleEach(requests, ({ orderId }) => app.commitReservation(orderId)));
    },
    async commitReservation({ orderId }) {
      return { reservation: reservationMessage(await app.commitReservation(orderId)) };
    },
    async releaseReservation({ orderId }) {
      return { reservation: reservationMessage(await app.releaseReservation(orderId)) };
    },
    async returnStock({ orderId }) {
      return { reservation: reservationMessage(await app.returnStock(orderId)) };
    },
    async getReservation({ orderId }) {
      return { reservation: reservationMessage(await app.findReservation(orderId)) };
    },
  });
}

/** The requests of a batch are validated before. */
const VALIDATED = () => undefined;

function resultsOf(settled: readonly Settled<Reservation>[]) {
  const results = settled.map((one) => {
    if (one === undefined) return {};
    if ("error" in one) return { outcome: { case: "error", value: statusMessage(one.error) } } as const;
    return { outcome: { case: "reservation", value: reservationMessage(one.response) } } as const;
  });
  return { results };
}

function actorOf({ principal }: CallContext): string {
  return principal?.subject ?? "";
}

function deliveryOf(request: RestockRequest): Omit<Booking, "actorId"> {
  const { sku, locationId, quantity, reference } = request;
  return { kind: "restock", sku, locationId, delta: quantity, reason: readText(request.reason), reference };
}

function correctionOf(request: AdjustStockRequest): Omit<Booking, "actorId"> {
  const { sku, locationId, delta, reference } = request;
  return { kind: "adjustment", sku, locationId, delta, reason: readText(request.reason), reference };
}
