import { migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { shippingApp } from "../src/app.ts";
import { book, cancel, follow, type Shipment, type Status } from "../src/domain/shipment.ts";
import { createShipmentChecks } from "../src/outbound/shipment-checks.ts";
import { createShipmentStore, published } from "../src/outbound/shipment-store.ts";
import type { ShipmentChecks, Shipments, TrackingMessage } from "../src/ports.ts";
import { aParcel, booking } from "./builders.ts";
import { createMemoryTables, memoryChecks, memoryShipments } from "./memory-shipments.ts";

interface Stores {
  readonly shipments: Shipments;
  readonly checks: ShipmentChecks;
  readonly published: (orderId: string) => Promise<readonly string[]>;
  readonly findings: (orderId: string) => Promise<{ readonly unanswered: boolean; readonly forgotten: boolean }>;
}

/** A shipment is due at once, and is due again a minute after it was claimed. */
const AT_ONCE = { checkAfterMs: 0 };
const RARELY = { checkAfterMs: 60_000 };

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("shipping");
await migrate({ url, folders: migrationsOf(shippingApp), log: { info: () => undefined } });
const db = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

async function onPostgres(): Promise<Stores> {
  await db.query("TRUNCATE shipments, tracking_events, outbox");
  const types = "SELECT type FROM outbox WHERE key = $1 ORDER BY seq";
  const found = `SELECT unanswered_since IS NOT NULL AS unanswered, forgotten_since IS NOT NULL AS forgotten
    FROM shipments WHERE order_id = $1`;
  return {
    shipments: createShipmentStore(db, AT_ONCE),
    checks: createShipmentChecks(db, RARELY),
    published: async (orderId) => (await rowsOf<{ type: string }>(db, types, [orderId])).map(({ type }) => type),
    async findings(orderId) {
      const [row] = await rowsOf<{ unanswered: boolean; forgotten: boolean }>(db, found, [orderId]);
      return row ?? { unanswered: false, forgotten: false };
    },
  };
}

async function inMemory(): Promise<Stores> {
  const tables = createMemoryTables(createMemoryDatabase());
  const now = () => new Date();
  return {
    shipments: memoryShipments(tables, { now, ...AT_ONCE }),
    checks: memoryChecks(tables, { now, ...RARELY }),
    published: async (orderId) => tables.published(orderId),
    findings: async (orderId) => tables.findings(orderId),
  };
}

describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("shipments %s", (_, open) => {
  let stores: Stores;
  beforeEach(async () => {
    stores = await open();
  });

  const aMessage = (status: Status, overrides: Partial<TrackingMessage> = {}): TrackingMessage => {
    const at = new Date("2026-11-21T10:00:00.000Z");
    return { webhookId: `w-${status}`, orderId: "o-1", booking, status, location: "Hub", at, ...overrides };
  };
  const bookIt = (shipment: Shipment, as = booking) =>
    stores.shipments.update(shipment, (current) => book(current, as));
  const receive = (shipment: Shipment, message: TrackingMessage) =>
    stores.shipments.update(shipment, (current) => follow(current, booking, message.status), message);
  const types = (...statuses: readonly Exclude<Status, "pending">[]) =>
    statuses.map((each) => published[each].typeName);

  it("begin pending, once per order", async () => {
    const begun = await stores.shipments.begin(aParcel());
    const unbooked = { carrierId: "", trackingNumber: "", createdAt: expect.any(Date) };
    expect(begun).toEqual({ ...aParcel(), ...unbooked, id: expect.any(String), status: "pending" });
    expect(await stores.shipments.begin(aParcel({ method: "express" }))).toEqual(begun);
    expect(await stores.shipments.find("o-1")).toEqual(begun);
    expect(await stores.shipments.find("o-none")).toBeUndefined();
    expect(await stores.published("o-1")).toEqual([]);
  });

  it("begin cancelled when they are recalled first, and then refuse a parcel", async () => {
    const closed = await stores.shipments.close("o-1");
    expect(closed).toMatchObject({ orderId: "o-1", status: "cancelled", userId: "", items: [] });
    expect(closed.address).toBeUndefined();
    expect(await stores.shipments.begin(aParcel())).toEqual(closed);
    expect(await stores.shipments.close("o-1")).toEqual(closed);
  });

  it("change and publish each status they pass", async () => {
    const begun = await stores.shipments.begin(aParcel());
    const booked = await bookIt(begun);
    expect(booked).toEqual({ ...begun, ...booking, status: "booked" });
    expect(await stores.shipments.find("o-1")).toEqual(booked);
    const moved = await receive(booked, aMessage("in_transit"));
    expect(moved).toMatchObject({ status: "in_transit" });
    expect(await stores.published("o-1")).toEqual(types("booked", "picked_up", "in_transit"));
    expect(await stores.shipments.update(moved, (current) => ({ shipment: current, passed: [] }))).toEqual(moved);
  });

  it("are decided about again when they have changed since they were read", async () => {
    const begun = await stores.shipments.begin(aParcel());
    await stores.shipments.update(begun, cancel);
    const decided: Status[] = [];
    const after = await stores.shipments.update(begun, (current) => {
      decided.push(current.status);
      return book(current, booking);
    });
    expect(decided).toEqual(["pending", "cancelled"]);
    expect(after).toMatchObject({ ...booking, status: "cancelled" });
    expect(await stores.published("o-1")).toEqual(types("cancelled"));
  });

  it("that do not exist, or must not change, are left as they are", async () => {
    const begun = await stores.shipments.begin(aParcel());
    const none = { ...begun, orderId: "o-none" };
    await expect(bookIt(none)).rejects.toMatchObject({ reason: "SHIPMENT_NOT_FOUND" });
    const booked = await receive(begun, aMessage("picked_up"));
    await expect(stores.shipments.update(booked, cancel)).rejects.toMatchObject({ reason: "SHIPMENT_PICKED_UP" });
    expect(await stores.shipments.find("o-1")).toEqual(booked);
  });

  it("store each message once, also as the same fact of a query", async () => {
    const begun = await stores.shipments.begin(aParcel());
    const booked = await bookIt(begun);
    const first = await receive(booked, aMessage("in_transit"));
    expect(await receive(first, aMessage("in_transit"))).toEqual(first);
    await receive(first, aMessage("in_transit", { webhookId: "query:1" }));
    const at = new Date("2026-11-20T10:00:00.000Z");
    await receive(first, aMessage("picked_up", { at, location: "Depot" }));
    expect(await stores.shipments.tracking("o-1")).toEqual([
      { status: "picked_up", location: "Depot", at },
      { status: "in_transit", location: "Hub", at: aMessage("in_transit").at },
    ]);
    expect(await stores.shipments.find("o-1")).toMatchObject({ status: "in_transit" });
    expect(await stores.published("o-1")).toEqual(types("booked", "picked_up", "in_transit"));
  });

  it("are listed by what staff filter, page by page, without those that never began", async () => {
    const begun: Shipment[] = [];
    for (const orderId of ["o-1", "o-2", "o-3"]) begun.push(await stores.shipments.begin(aParcel({ orderId })));
    const [first, second, third] = begun as [Shipment, Shipment, Shipment];
    await stores.shipments.close("o-4");
    await bookIt(second);
    const list = async (filter: Omit<Parameters<Shipments["list"]>[0], "oldestFirst"> = {}, oldestFirst = true) =>
      (await stores.shipments.list({ ...filter, oldestFirst }, { limit: 10 })).map(({ orderId }) => orderId);
    const oldest = await list();
    expect(oldest.toSorted()).toEqual(["o-1", "o-2", "o-3"]);
    expect(await list({}, false)).toEqual(oldest.toReversed());
    expect(await list({ status: "booked" })).toEqual(["o-2"]);
    expect(await list({ trackingNumber: booking.trackingNumber })).toEqual(["o-2"]);
    expect(await list({ orderId: "o-3", userId: "u-1" })).toEqual(["o-3"]);
    expect(await list({ userId: "u-2" })).toEqual([]);
    expect(await list({ createdFrom: new Date(third.createdAt.getTime() + 1_000) })).toEqual([]);
    expect(await list({ createdUntil: first.createdAt })).toEqual([]);
    const page = await stores.shipments.list({ oldestFirst: true }, { limit: 2 });
    const after = page.at(-1)?.id ?? "";
    const rest = await stores.shipments.list({ oldestFirst: true }, { limit: 2, after });
    expect([...page, ...rest].map(({ orderId }) => orderId)).toEqual(oldest);
  });

  it("that are open are due to be checked, each for one caller", async () => {
    for (const orderId of ["o-1", "o-2"]) await stores.shipments.begin(aParcel({ orderId }));
    await stores.shipments.close("o-3");
    const first = await stores.checks.claimDue(1);
    const second = await stores.checks.claimDue(10);
    expect([...first, ...second].map(({ orderId }) => orderId)).toEqual(["o-1", "o-2"]);
    expect(await stores.checks.claimDue(10)).toEqual([]);
  });

  it("that have ended are checked no more", async () => {
    const begun = await stores.shipments.begin(aParcel());
    await receive(begun, aMessage("delivered"));
    expect(await stores.checks.claimDue(10)).toEqual([]);
    await stores.checks.record("o-1", "forgotten");
    expect(await stores.findings("o-1")).toEqual({ unanswered: false, forgotten: false });
  });

  it("record what a check found, until they change or are known again", async () => {
    const begun = await stores.shipments.begin(aParcel());
    const found = async (...findings: readonly Parameters<ShipmentChecks["record"]>[1][]) => {
      for (const each of findings) await stores.checks.record("o-1", each);
      return stores.findings("o-1");
    };
    expect(await found("unanswered")).toEqual({ unanswered: true, forgotten: false });
    expect(await found("forgotten")).toEqual({ unanswered: false, forgotten: true });
    expect(await found("unanswered")).toEqual({ unanswered: true, forgotten: true });
    expect(await found("known")).toEqual({ unanswered: false, forgotten: false });
    await found("forgotten");
    await bookIt(begun);
    expect(await stores.findings("o-1")).toEqual({ unanswered: false, forgotten: false });
  });
});
