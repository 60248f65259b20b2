import { createMemoryIdempotency } from "@kontor/idempotency/memory-idempotency";
import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { describe, expect, it } from "vitest";
import { memoryReservations } from "../../test/memory-reservations.ts";
import { createMemoryStock, memoryLocations, memoryPublications, memoryStockBook } from "../../test/memory-stock.ts";
import { inventoryErrors } from "../domain/errors.ts";
import type { Booking } from "../domain/stock.ts";
import type { Publications, Reservations } from "../ports.ts";
import { findReservation } from "../queries/find-reservation.ts";
import { findStock } from "../queries/find-stock.ts";
import { listLowStock } from "../queries/list-low-stock.ts";
import { listMovements } from "../queries/list-movements.ts";
import { announceChanges } from "./announce-changes.ts";
import { bookStock } from "./book-stock.ts";
import { commitReservation } from "./commit-reservation.ts";
import { expireReservations } from "./expire-reservations.ts";
import { releaseReservation } from "./release-reservation.ts";
import { reserveStock } from "./reserve-stock.ts";
import { returnStock } from "./return-stock.ts";

const TTL_MS = 600_000;
const reason = (name: string) => ({ reason: name });
const valid = () => undefined;
const invalid = () => {
  throw new Error("The request is invalid.");
};
const items = [{ sku: "S", quantity: 2 }];

/** Creates the commands of inventory over stores in memory, with five units of `S` at the location `A`. */
async function openInventory() {
  const clock = createTestClock();
  const db = createMemoryDatabase();
  const tables = createMemoryStock(db, clock.now);
  const stock = memoryStockBook(tables);
  const reservations = memoryReservations(tables, { ttlMs: TTL_MS });
  const publications = memoryPublications(tables);
  const book = bookStock({ idempotency: createMemoryIdempotency(db), stock });
  await memoryLocations(tables).add({ id: "A", name: "Location A" });
  const call = { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal };
  let bookings = 0;
  const shop = {
    ...{ clock, tables, reservations, publications },
    book(overrides: Partial<Booking> = {}, validate: () => void = valid) {
      bookings += 1;
      const text = { kind: "restock", reason: "Delivery", reference: `r-${bookings}`, actorId: "s-1" } as const;
      return book({ ...text, sku: "S", locationId: "A", delta: 5, ...overrides }, { call, validate });
    },
    reserve: reserveStock({ reservations }),
    commit: commitReservation({ reservations }),
    release: releaseReservation({ reservations }),
    takeBack: returnStock({ reservations }),
    expire: expireReservations({ reservations }),
    announce: announceChanges({ publications }),
    find: findReservation({ reservations }),
    stockOf: findStock({ stock }),
    low: listLowStock({ stock }),
    movements: listMovements({ stock }),
  };
  await shop.book();
  return shop;
}

describe("booking stock", () => {
  it("changes it once per reference, and returns what there is then", async () => {
    const { book } = await openInventory();
    expect(await book({ delta: 3 })).toMatchObject({ available: 8 });
    expect(await book({ delta: 3, reference: "r-2" }, invalid)).toMatchObject({ available: 8 });
    await expect(book({ delta: 4, reference: "r-2" })).rejects.toMatchObject(reason("IDEMPOTENCY_KEY_REUSED"));
  });

  it("is refused, and refused again under the same reference", async () => {
    const { book } = await openInventory();
    const loss = { kind: "adjustment", delta: -6, reference: "loss" } as const;
    await expect(book(loss)).rejects.toMatchObject(reason("STOCK_TOO_LOW"));
    await book();
    await expect(book(loss)).rejects.toMatchObject(reason("STOCK_TOO_LOW"));
    await expect(book({ delta: 1 }, invalid)).rejects.toThrow("The request is invalid.");
    await expect(book({ locationId: "none" })).rejects.toMatchObject(reason("LOCATION_NOT_FOUND"));
  });
});

describe("reserving", () => {
  it("returns the same reservation for the same request, and refuses another", async () => {
    const { reserve, stockOf } = await openInventory();
    const held = await reserve("o-1", items, valid);
    expect(held).toMatchObject({ status: "held", items });
    expect(await reserve("o-1", items, invalid)).toEqual(held);
    await expect(reserve("o-1", [{ sku: "S", quantity: 1 }], valid)).rejects.toMatchObject(
      reason("RESERVATION_DIFFERS"),
    );
    expect(await stockOf("S")).toMatchObject({ available: 3, held: 2 });
  });

  it("is refused without enough units, and when the request is invalid", async () => {
    const { reserve, find } = await openInventory();
    await expect(reserve("o-1", [{ sku: "S", quantity: 6 }], valid)).rejects.toMatchObject(reason("OUT_OF_STOCK"));
    await expect(reserve("o-1", items, invalid)).rejects.toThrow("The request is invalid.");
    await expect(find("o-1")).rejects.toMatchObject(reason("RESERVATION_NOT_FOUND"));
  });
});

describe("a reservation", () => {
  it("is sold once, and not released after that, but taken back", async () => {
    const { reserve, commit, release, takeBack, stockOf } = await openInventory();
    await reserve("o-1", items, valid);
    for (let n = 0; n < 2; n += 1) expect(await commit("o-1")).toMatchObject({ status: "committed" });
    await expect(release("o-1")).rejects.toMatchObject(reason("RESERVATION_COMMITTED"));
    expect(await stockOf("S")).toMatchObject({ available: 3, held: 0 });
    for (let n = 0; n < 2; n += 1) expect(await takeBack("o-1")).toMatchObject({ status: "returned" });
    expect(await stockOf("S")).toMatchObject({ available: 5, held: 0 });
    await expect(commit("o-1")).rejects.toMatchObject(reason("RESERVATION_CLOSED"));
  });

  it("that is released first is never made", async () => {
    const { reserve, release, commit } = await openInventory();
    for (let n = 0; n < 2; n += 1) expect(await release("o-1")).toMatchObject({ status: "released" });
    await expect(reserve("o-1", items, valid)).rejects.toMatchObject(reason("RESERVATION_CLOSED"));
    await expect(commit("o-none")).rejects.toMatchObject(reason("RESERVATION_NOT_FOUND"));
  });

  it("expires after its time, and gives its units back", async () => {
    const { clock, reserve, expire, commit, stockOf, find, announce, tables } = await openInventory();
    await reserve("o-1", items, valid);
    expect(await expire()).toBe(false);
    clock.advance(TTL_MS);
    expect(await find("o-1")).toMatchObject({ status: "expired" });
    expect(await expire()).toBe(true);
    expect(await stockOf("S")).toMatchObject({ available: 5, held: 0 });
    await expect(commit("o-1")).rejects.toMatchObject(reason("RESERVATION_CLOSED"));
    await announce();
    expect(tables.published("o-1")).toHaveLength(1);
  });
});

describe("expiring reservations", () => {
  it("works through all pages, and leaves those whose SKU is locked for the next run", async () => {
    const { clock, book, reserve, reservations, find } = await openInventory();
    await book({ delta: 300 });
    for (let n = 0; n < 150; n += 1) await reserve(`o-${n}`, [{ sku: "S", quantity: 1 }], valid);
    clock.advance(TTL_MS);
    const expire: Reservations["expire"] = async (orderId) => {
      if (orderId === "o-7") throw inventoryErrors.STOCK_BUSY({ key: "sku:S" });
      await reservations.expire(orderId);
    };
    expect(await expireReservations({ reservations: { ...reservations, expire } })()).toBe(true);
    expect(await reservations.overdue(10)).toEqual(["o-7"]);
    expect(await find("o-149")).toMatchObject({ status: "expired" });
  });

  it("fails when a reservation cannot be expired for another reason", async () => {
    const { clock, reserve, reservations } = await openInventory();
    await reserve("o-1", items, valid);
    clock.advance(TTL_MS);
    const broken = { ...reservations, expire: () => Promise.reject(new Error("A bug.")) };
    await expect(expireReservations({ reservations: broken })()).rejects.toThrow("A bug.");
  });
});

describe("announcing changes", () => {
  it("publishes all pages, and says whether there was anything", async () => {
    const { book, announce, tables } = await openInventory();
    for (let n = 0; n < 120; n += 1) await book({ sku: `S-${n}` });
    expect(await announce()).toBe(true);
    expect(await announce()).toBe(false);
    expect(tables.published("S-119")).toHaveLength(1);
  });

  it("queues for the lock of a SKU that is always locked, in the fifth round", async () => {
    const { publications } = await openInventory();
    const waited: string[] = [];
    const locked: Publications = {
      announce: async (limit, page) => ({ ...(await publications.announce(limit, page)), left: ["S"] }),
      announceSku: async (sku) => waited.push(sku) > 0,
    };
    const announce = announceChanges({ publications: locked });
    for (let round = 1; round <= 4; round += 1) await announce();
    expect(waited).toEqual([]);
    expect(await announce()).toBe(true);
    expect(waited).toEqual(["S"]);
  });
});

describe("the lists of inventory", () => {
  it("go on after the last entry of a page", async () => {
    const { book, announce, low, movements } = await openInventory();
    for (const sku of ["T", "U"]) await book({ sku, delta: 1 });
    await announce();
    const first = await low({ maxAvailable: 5, pageSize: 2, pageToken: "" });
    const second = await low({ maxAvailable: 5, pageSize: 2, pageToken: first.nextPageToken ?? "" });
    expect([...first.items, ...second.items].map(({ sku }) => sku)).toEqual(["T", "U", "S"]);
    await book({ delta: 2 });
    const newest = await movements({ sku: "S", pageSize: 1, pageToken: "" });
    const oldest = await movements({ sku: "S", pageSize: 1, pageToken: newest.nextPageToken ?? "" });
    expect([...newest.items, ...oldest.items].map(({ availableDelta }) => availableDelta)).toEqual([2, 5]);
  });

  it("know no SKU without a stock record", async () => {
    const { stockOf } = await openInventory();
    await expect(stockOf("none")).rejects.toMatchObject(reason("SKU_NOT_FOUND"));
  });
});
