import { createIdempotency, type Idempotency, requestHash } from "@kontor/idempotency";
import { createMemoryIdempotency } from "@kontor/idempotency/memory-idempotency";
import { migrate, openDatabase, type Tx } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { ReservationExpiredSchema, StockChangedSchema } from "@kontor/shop/contracts/inventory/v1/events";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inventoryApp } from "../src/app.ts";
import { type Booking, MAX_UNITS } from "../src/domain/stock.ts";
import { createLocationStore } from "../src/outbound/location-store.ts";
import { createPublications } from "../src/outbound/publications.ts";
import { createReservationStore } from "../src/outbound/reservation-store.ts";
import { returnItems } from "../src/outbound/returned-items.ts";
import { createStockStore } from "../src/outbound/stock-store.ts";
import type { Locations, Publications, Reservations, ReturnItems, StockBook } from "../src/ports.ts";
import { memoryReservations, memoryReturnItems } from "./memory-reservations.ts";
import { createMemoryStock, memoryLocations, memoryPublications, memoryStockBook } from "./memory-stock.ts";

interface Stores {
  readonly stock: StockBook;
  readonly locations: Locations;
  readonly publications: Publications;
  /** Returns reservations whose time is over after these milliseconds. */
  readonly reservations: (ttlMs?: number) => Reservations;
  readonly returnItems: ReturnItems;
  readonly idempotency: Idempotency;
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly published: (key: string) => Promise<readonly string[]>;
}

const TTL_MS = 600_000;
const OVER = -1;

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("inventory");
await migrate({ url, folders: migrationsOf(inventoryApp), log: { info: () => undefined } });
const db = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

async function onPostgres(): Promise<Stores> {
  await db.transaction(async (tx) => {
    await tx.query("SET LOCAL session_replication_role = replica"); // Movements are append-only.
    await tx.query(`TRUNCATE locations, skus, stock_ranking, stock_levels, reservations, reservation_items, returned_items,
      stock_movements, idempotency_claims, outbox`);
  });
  const types = "SELECT type FROM outbox WHERE key = $1 ORDER BY seq";
  const lockMs = 1_000;
  return {
    stock: createStockStore(db, { lockMs }),
    locations: createLocationStore(db),
    publications: createPublications(db),
    reservations: (ttlMs = TTL_MS) => createReservationStore(db, { ttlMs, lockMs }),
    returnItems,
    idempotency: createIdempotency(db),
    transaction: (work) => db.transaction(work),
    published: async (key) => (await rowsOf<{ type: string }>(db, types, [key])).map(({ type }) => type),
  };
}

async function inMemory(): Promise<Stores> {
  const memory = createMemoryDatabase();
  const tables = createMemoryStock(memory, () => new Date());
  return {
    stock: memoryStockBook(tables),
    locations: memoryLocations(tables),
    publications: memoryPublications(tables),
    reservations: (ttlMs = TTL_MS) => memoryReservations(tables, { ttlMs }),
    returnItems: memoryReturnItems(tables),
    idempotency: createMemoryIdempotency(memory),
    transaction: (work) => memory.transaction(work),
    published: async (key) => tables.published(key),
  };
}

const reason = (name: string) => ({ reason: name });

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("the stores of inventory %s", (_, open) => {
  let stores: Stores;
  let bookings = 0;
  beforeEach(async () => {
    stores = await open();
    bookings = 0;
    for (const id of ["A", "B"]) await stores.locations.add({ id, name: `Location ${id}` });
  });

  function aBooking(overrides: Partial<Booking> = {}): Booking {
    bookings += 1;
    const text = { kind: "restock", reason: "Delivery", reference: `r-${bookings}`, actorId: "s-1" } as const;
    return { ...text, sku: "S", locationId: "A", delta: 5, ...overrides };
  }
  function book(booking: Booking): Promise<unknown> {
    const request = { scope: "stock", key: booking.reference, hash: requestHash({ ...booking }) };
    const call = { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal };
    const replay = async () => undefined;
    return stores.idempotency.once(request, { call, perform: (claim) => stores.stock.book(booking, claim), replay });
  }
  const restock = (sku: string, at: Readonly<Record<string, number>>) =>
    Promise.all(Object.entries(at).map(([locationId, delta]) => book(aBooking({ sku, locationId, delta }))));
  const unitsOf = async (sku: string) => {
    const { available, held, levels } = (await stores.stock.find(sku)) ?? { levels: [] };
    return [available, held, ...levels.map((level) => `${level.locationId} ${level.available}+${level.held}`)];
  };
  const item = (sku: string, quantity: number) => ({ sku, quantity });
  const kindsOf = async (sku: string) => (await stores.stock.movements(sku, { limit: 50 })).map(({ kind }) => kind);

  describe("locations", () => {
    it("are added once, and listed by id", async () => {
      expect(await stores.locations.add({ id: "B", name: "Other" })).toEqual({ id: "B", name: "Location B" });
      expect((await stores.locations.list()).map(({ id }) => id)).toEqual(["A", "B"]);
    });
  });

  describe("bookings", () => {
    it("change the units of a SKU, in all and at their location, and are recorded", async () => {
      await restock("S", { A: 5 });
      await book(aBooking({ locationId: "B", delta: 2 }));
      await book(aBooking({ kind: "adjustment", delta: -1, reason: "Broken" }));
      expect(await unitsOf("S")).toEqual([6, 0, "A 4+0", "B 2+0"]);
      const [last, ...before] = await stores.stock.movements("S", { limit: 10 });
      expect(last).toEqual({
        ...{ id: expect.any(BigInt), sku: "S", locationId: "A", kind: "adjustment", availableDelta: -1, heldDelta: 0 },
        ...{ reason: "Broken", reference: "r-3", actor: { kind: "staff", id: "s-1" }, at: expect.any(Date) },
      });
      expect(await stores.stock.movements("S", { limit: 1, before: last?.id ?? 0n })).toEqual(before.slice(0, 1));
      expect(await stores.stock.availability(["none", "S"])).toEqual([item("none", 0), item("S", 6)]);
      expect(await stores.stock.find("none")).toBeUndefined();
    });

    it.each<[string, Partial<Booking>]>([
      ["SKU_NOT_FOUND", { kind: "adjustment", sku: "none" }],
      ["LOCATION_NOT_FOUND", { locationId: "none" }],
      ["STOCK_TOO_LOW", { kind: "adjustment", delta: -6 }],
      ["STOCK_TOO_LOW", { kind: "adjustment", locationId: "B", delta: -1 }],
      ["STOCK_TOO_HIGH", { delta: MAX_UNITS }],
    ])("are refused with %s, and change nothing", async (name, overrides) => {
      await restock("S", { A: 5 });
      await expect(book(aBooking(overrides))).rejects.toMatchObject(reason(name));
      expect(await unitsOf("S")).toEqual([5, 0, "A 5+0"]);
      expect(await stores.stock.find("none")).toBeUndefined();
    });

    it("have one reference each", async () => {
      await restock("S", { A: 5 });
      const repeated = aBooking({ reference: "r-1" });
      await stores.stock.book(repeated, { settle: async () => undefined });
      expect(await unitsOf("S")).toEqual([5, 0, "A 5+0"]);
      const other = stores.stock.book({ ...repeated, delta: 6 }, { settle: async () => undefined });
      await expect(other).rejects.toMatchObject(reason("IDEMPOTENCY_KEY_REUSED"));
    });
  });

  describe("reservations", () => {
    it("set units aside, those of the location with most first, once per order", async () => {
      await restock("S", { A: 2, B: 3 });
      await restock("T", { A: 1 });
      const reservations = stores.reservations();
      const held = await reservations.reserve("o-1", [item("T", 1), item("S", 4)]);
      const items = [item("S", 4), item("T", 1)];
      expect(held).toEqual({ orderId: "o-1", status: "held", items, expiresAt: expect.any(Date) });
      expect(await reservations.find("o-1")).toEqual(held);
      expect(await reservations.reserve("o-1", [item("S", 1)])).toEqual(held);
      expect(await unitsOf("S")).toEqual([1, 4, "A 1+1", "B 0+3"]);
      expect(await stores.stock.movements("T", { limit: 1 })).toMatchObject([
        { kind: "reservation", availableDelta: -1, heldDelta: 1, reference: "o-1", actor: { id: "orders" } },
      ]);
    });

    it("are all or nothing", async () => {
      await restock("S", { A: 2 });
      const reserve = stores.reservations().reserve("o-1", [item("S", 2), item("T", 1)]);
      await expect(reserve).rejects.toMatchObject({ reason: "OUT_OF_STOCK", metadata: { sku: "T" } });
      expect(await unitsOf("S")).toEqual([2, 0, "A 2+0"]);
      expect(await stores.reservations().find("o-1")).toBeUndefined();
    });

    it("are sold, released and taken back, each once", async () => {
      await restock("S", { A: 5 });
      const reservations = stores.reservations();
      for (const orderId of ["o-1", "o-2"]) await reservations.reserve(orderId, [item("S", 2)]);
      for (let n = 0; n < 2; n += 1) expect(await reservations.commit("o-1")).toMatchObject({ status: "committed" });
      expect(await unitsOf("S")).toEqual([1, 2, "A 1+2"]);
      expect(await reservations.undo("o-1", { soldToo: false })).toMatchObject({ status: "committed" });
      expect(await reservations.undo("o-2", { soldToo: false })).toMatchObject({ status: "released" });
      expect(await reservations.commit("o-2")).toMatchObject({ status: "released" });
      for (let n = 0; n < 2; n += 1)
        expect(await reservations.undo("o-1", { soldToo: true })).toMatchObject({ status: "returned" });
      expect(await unitsOf("S")).toEqual([5, 0, "A 5+0"]);
      const undone = ["return", "release", "sale", "reservation", "reservation", "restock"];
      expect(await kindsOf("S")).toEqual(undone);
      expect(await reservations.commit("o-none")).toBeUndefined();
    });

    it("that are undone first leave a mark", async () => {
      await restock("S", { A: 5 });
      const reservations = stores.reservations();
      const mark = { orderId: "o-1", status: "released", items: [] };
      expect(await reservations.undo("o-1", { soldToo: true })).toEqual(mark);
      expect(await reservations.reserve("o-1", [item("S", 1)])).toEqual(mark);
      expect(await unitsOf("S")).toEqual([5, 0, "A 5+0"]);
    });

    it("expire when their time is over, at any later change", async () => {
      await restock("S", { A: 9 });
      const over = stores.reservations(OVER);
      const reservations = stores.reservations();
      for (const orderId of ["o-1", "o-2", "o-3"]) await over.reserve(orderId, [item("S", 1)]);
      await reservations.reserve("o-4", [item("S", 1)]);
      expect(await over.find("o-1")).toMatchObject({ status: "expired" });
      expect(await reservations.overdue(2)).toEqual(["o-1", "o-2"]);
      expect(await reservations.overdue(2, "o-2")).toEqual(["o-3"]);
      for (const orderId of ["o-1", "o-1", "o-4", "o-none"]) await reservations.expire(orderId);
      expect(await reservations.commit("o-2")).toMatchObject({ status: "expired" });
      expect(await reservations.undo("o-3", { soldToo: false })).toMatchObject({ status: "released" });
      expect(await unitsOf("S")).toEqual([8, 1, "A 8+1"]);
      expect(await reservations.overdue(2)).toEqual([]);
    });
  });

  describe("refunded items", () => {
    const back = (items: readonly { sku: string; quantity: number }[], reference: string, actor = "staff:s-1") =>
      stores.transaction((tx) => stores.returnItems(tx, { orderId: "o-1", reference, items, actor }));

    it("come back to where they came from, each refund once, at most what is left", async () => {
      await restock("S", { A: 2, B: 3 });
      const reservations = stores.reservations();
      await reservations.reserve("o-1", [item("S", 4)]);
      expect(await back([item("S", 1)], "f-1")).toBe(0);
      await reservations.commit("o-1");
      expect(await back([item("S", 2)], "f-1")).toBe(2);
      expect(await back([item("S", 2)], "f-1")).toBe(0);
      expect(await unitsOf("S")).toEqual([3, 0, "A 2+0", "B 1+0"]);
      expect(await back([item("S", 9), item("T", 1)], "f-2", "system:payments")).toBe(2);
      const [last] = await stores.stock.movements("S", { limit: 1 });
      expect(last).toMatchObject({ kind: "return", reference: "o-1", actor: { kind: "system", id: "payments" } });
      await reservations.undo("o-1", { soldToo: true });
      expect(await unitsOf("S")).toEqual([5, 0, "A 2+0", "B 3+0"]);
      expect(await back([item("S", 1)], "f-3")).toBe(0);
    });
  });

  describe("publications", () => {
    it("publish each changed SKU and each expired reservation once, in pages", async () => {
      await restock("S", { A: 1 });
      await restock("T", { A: 3 });
      await stores.reservations(OVER).reserve("o-1", [item("T", 1)]);
      await stores.reservations().expire("o-1");
      const first = await stores.publications.announce(1);
      expect(first).toEqual({ found: 2, left: [], last: { sku: "S", orderId: "o-1" } });
      const second = await stores.publications.announce(1, first);
      expect(second).toEqual({ found: 1, left: [], last: { sku: "T", orderId: "o-1" } });
      expect(await stores.publications.announce(1, second)).toMatchObject({ found: 0, left: [] });
      expect(await stores.published("T")).toEqual([StockChangedSchema.typeName]);
      expect(await stores.published("o-1")).toEqual([ReservationExpiredSchema.typeName]);
    });

    it("publish a single SKU if it has changed", async () => {
      await restock("S", { A: 1 });
      for (const sku of ["S", "S", "none"]) expect(await stores.publications.announceSku(sku)).toBe(true);
      expect(await stores.published("S")).toEqual([StockChangedSchema.typeName]);
    });

    it("rank SKUs by what is available, the fewest first", async () => {
      for (const [sku, units] of [
        ["S", 3],
        ["T", 1],
        ["U", 1],
        ["V", 9],
      ] as const)
        await restock(sku, { A: units });
      expect(await stores.stock.low(5, { limit: 9 })).toEqual([]);
      await stores.publications.announce(10);
      const low = [
        { sku: "T", available: 1 },
        { sku: "U", available: 1 },
        { sku: "S", available: 3 },
      ];
      expect(await stores.stock.low(5, { limit: 9 })).toEqual(low);
      const [after = { sku: "", available: 0 }] = low;
      expect(await stores.stock.low(5, { limit: 1, after })).toEqual(low.slice(1, 2));
    });
  });
});
