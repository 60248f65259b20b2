import { idempotencyErrors } from "@kontor/idempotency";
import { ReservationExpiredSchema, StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import type { MemoryDatabase } from "@kontor/testing/memory-database";
import { inventoryErrors } from "../src/domain/errors.ts";
import type { ReservationStatus } from "../src/domain/reservation.ts";
import { isBooked, type Location, MAX_UNITS, type StockMovement } from "../src/domain/stock.ts";
import type { Locations, Publications, StockBook, StockRank } from "../src/ports.ts";

/** Units of a SKU, in all or at a location. */
export interface Units {
  readonly available: number;
  readonly held: number;
}

interface Sku extends Units {
  readonly announced: boolean;
}

interface Level extends Units {
  readonly sku: string;
  readonly locationId: string;
}

/** A reservation, with where its units come from. */
export interface Reserved {
  readonly status: ReservationStatus;
  readonly expiresAt?: Date;
  readonly announced: boolean;
  readonly lines: readonly ReservedLine[];
}

export interface ReservedLine {
  readonly sku: string;
  readonly locationId: string;
  readonly quantity: number;
  /** Units that refunds have put back. */
  readonly returned: number;
}

/** A change of the units of a SKU at a location, and why it happens. */
export type Move = Omit<StockMovement, "id" | "at">;
export type Tx = Parameters<Parameters<MemoryDatabase["transaction"]>[0]>[0];
export type MemoryStock = ReturnType<typeof createMemoryStock>;

const byKey =
  <T>(key: (value: T) => string) =>
  (a: T, b: T) =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;

/** Creates the tables that the in-memory stores of inventory share. `now` is their clock. */
export function createMemoryStock(db: MemoryDatabase, now: () => Date) {
  const locations = db.table<string, Location>();
  const skus = db.table<string, Sku>();
  const levels = db.table<string, Level>();
  const movements = db.table<bigint, StockMovement>();
  const reservations = db.table<string, Reserved>();
  const returns = db.table<string, true>();
  const ranking = db.table<string, number>();
  const outbox = db.table<number, { readonly type: string; readonly key: string }>();
  return {
    ...{ db, now, locations, skus, movements, reservations, returns, ranking, outbox },
    /** Returns the types of the events about a SKU or an order. */
    published: (key: string) => [...outbox.rows().values()].flatMap((event) => (event.key === key ? [event.type] : [])),
    /** Returns the levels of a SKU by location. */
    levelsOf: (sku: string, tx?: Tx): readonly Level[] =>
      [...levels.rows(tx).values()].filter((level) => level.sku === sku).sort(byKey(({ locationId }) => locationId)),
    /** Moves units and records the movement. Throws STOCK_TOO_LOW below 0. */
    move(tx: Tx, move: Move): StockMovement {
      const { sku, locationId, availableDelta, heldDelta } = move;
      const place = `${sku} ${locationId}`;
      const level = levels.rows(tx).get(place) ?? { sku, locationId, available: 0, held: 0 };
      const total = skus.rows(tx).get(sku) ?? { available: 0, held: 0 };
      const after = (units: Units) => ({
        available: units.available + availableDelta,
        held: units.held + heldDelta,
      });
      if (after(level).available < 0) throw inventoryErrors.STOCK_TOO_LOW({ sku, locationId, delta: availableDelta });
      levels.rows(tx).set(place, { sku, locationId, ...after(level) });
      skus.rows(tx).set(sku, { ...after(total), announced: false });
      const movement = { ...move, id: BigInt(movements.rows(tx).size + 1), at: now() };
      movements.rows(tx).set(movement.id, movement);
      return movement;
    },
  };
}

/** The book of stock in memory. */
export function memoryStockBook(tables: MemoryStock): StockBook {
  const { db, skus, movements, locations, ranking } = tables;
  return {
    book: (booking, claim) =>
      db.transaction(async (tx) => {
        await claim.settle(tx, booking.reference);
        const { kind, sku, locationId, delta, reason, reference, actorId } = booking;
        if (kind === "adjustment" && !skus.rows(tx).has(sku)) throw inventoryErrors.SKU_NOT_FOUND({ sku });
        const booked = [...movements.rows(tx).values()].find((movement) => {
          return movement.reference === reference && ["restock", "adjustment"].includes(movement.kind);
        });
        if (booked !== undefined) {
          if (isBooked(booked, booking)) return;
          throw idempotencyErrors.IDEMPOTENCY_KEY_REUSED();
        }
        if (!locations.rows(tx).has(locationId)) throw inventoryErrors.LOCATION_NOT_FOUND({ locationId });
        const actor = { kind: "staff", id: actorId } as const;
        tables.move(tx, { kind, sku, locationId, availableDelta: delta, heldDelta: 0, reason, reference, actor });
        const { available, held } = skus.rows(tx).get(sku) ?? { available: 0, held: 0 };
        if (delta > 0 && available + held > MAX_UNITS)
          throw inventoryErrors.STOCK_TOO_HIGH({ sku, delta, max: MAX_UNITS });
      }),
    async find(sku) {
      const found = skus.rows().get(sku);
      if (found === undefined) return undefined;
      const { available, held } = found;
      const levels = tables.levelsOf(sku).map((level) => {
        return { locationId: level.locationId, available: level.available, held: level.held };
      });
      return { sku, available, held, levels };
    },
    availability: async (wanted) => wanted.map((sku) => ({ sku, quantity: skus.rows().get(sku)?.available ?? 0 })),
    async low(maxAvailable, { after, limit }) {
      const ranks = [...ranking.rows()].map(([sku, available]) => ({ sku, available }));
      return ranks
        .filter((rank) => rank.available <= maxAvailable && (after === undefined || byRank(after, rank) < 0))
        .sort(byRank)
        .slice(0, limit);
    },
    async movements(sku, { before, limit }) {
      const all = [...movements.rows().values()].filter((movement) => movement.sku === sku).reverse();
      return all.filter(({ id }) => before === undefined || id < before).slice(0, limit);
    },
  };
}

const byRank = (a: StockRank, b: StockRank) => a.available - b.available || byKey((rank: StockRank) => rank.sku)(a, b);

/** Locations in memory. */
export function memoryLocations({ db, locations }: MemoryStock): Locations {
  return {
    add: (location) =>
      db.transaction(async (tx) => {
        const kept = locations.rows(tx).get(location.id) ?? location;
        locations.rows(tx).set(location.id, kept);
        return kept;
      }),
    list: async () => [...locations.rows().values()].sort(byKey(({ id }) => id)),
  };
}

/** Publications in memory. No row is ever locked, so that none is left. */
export function memoryPublications({ db, skus, reservations, ranking, outbox }: MemoryStock): Publications {
  const publish = (tx: Tx, { typeName: type }: { readonly typeName: string }, key: string) =>
    void outbox.rows(tx).set(outbox.rows(tx).size, { type, key });

  /** Returns the keys after `after` of rows that are not yet published, in order. */
  function unannounced(rows: ReadonlyMap<string, { readonly announced: boolean }>, after: string, limit: number) {
    const keys = [...rows].flatMap(([key, { announced }]) => (!announced && key > after ? [key] : []));
    return keys.sort().slice(0, limit);
  }

  function announceSku(tx: Tx, sku: string): void {
    const row = skus.rows(tx).get(sku);
    if (row === undefined || row.announced) return;
    skus.rows(tx).set(sku, { ...row, announced: true });
    ranking.rows(tx).set(sku, row.available);
    publish(tx, StockChangedSchema, sku);
  }

  return {
    announce: (limit, page) =>
      db.transaction(async (tx) => {
        const last = page?.last ?? { sku: "", orderId: "" };
        const changed = unannounced(skus.rows(tx), last.sku, limit);
        const expired = unannounced(reservations.rows(tx), last.orderId, limit);
        for (const sku of changed) announceSku(tx, sku);
        for (const orderId of expired) {
          const row = reservations.rows(tx).get(orderId);
          if (row !== undefined) reservations.rows(tx).set(orderId, { ...row, announced: true });
          publish(tx, ReservationExpiredSchema, orderId);
        }
        const next = { sku: changed.at(-1) ?? last.sku, orderId: expired.at(-1) ?? last.orderId };
        return { found: changed.length + expired.length, left: [], last: next };
      }),
    announceSku: (sku) =>
      db.transaction(async (tx) => {
        announceSku(tx, sku);
        return true;
      }),
  };
}
