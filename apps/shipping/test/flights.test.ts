import { randomUUID } from "node:crypto";
import { type Database, migrate, openDatabase, postgresErrors } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { runWithTrace } from "@kontor/telemetry";
import { type LossyProxy, rowsOf, startLossyProxy, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shippingApp } from "../src/app.ts";
import { book, follow, type Shipment, type Status } from "../src/domain/shipment.ts";
import { createShipmentStore } from "../src/outbound/shipment-store.ts";
import type { Shipments, TrackingMessage } from "../src/ports.ts";
import { aParcel } from "./shop.ts";

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("shipping", { owner: true });
const db = openDatabase({ url, service: "test", max: 8 });
const shipments = createShipmentStore(db, { checkAfterMs: 60_000 });
beforeAll(() => migrate({ url, folders: migrationsOf(shippingApp), log: { info: () => undefined } }));
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

const parcels = (count: number) => Array.from({ length: count }, () => aParcel());
const booking = { carrierId: "shp_1", trackingNumber: "TRK" };

async function booked(count: number): Promise<Shipment[]> {
  const begun = await Promise.all(parcels(count).map((parcel) => shipments.begin(parcel)));
  return Promise.all(begun.map((shipment) => shipments.update(shipment, (current) => book(current, booking))));
}

function report({ orderId }: Shipment, status: Status, webhookId: string = randomUUID()): TrackingMessage {
  return { webhookId, orderId, booking, status, location: "Hub", at: new Date("2026-11-30T10:00:00Z") };
}

function receive(shipment: Shipment, message: TrackingMessage, to: Shipments = shipments): Promise<Shipment> {
  return to.update(shipment, (current) => follow(current, message.booking, message.status), message);
}

/** The transactions that wrote rows of these orders. */
async function transactions(orderIds: readonly string[], sql: Database = db): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    sql,
    "SELECT count(DISTINCT xmin::text)::int AS n FROM shipments WHERE order_id = ANY ($1)",
    [orderIds],
  );
  return row?.n ?? 0;
}

async function published(orderId: string): Promise<string[]> {
  const rows = await rowsOf<{ type: string }>(db, "SELECT type FROM outbox WHERE key = $1 ORDER BY seq", [orderId]);
  return rows.map(({ type }) => type.replace(/.*Shipment/, ""));
}

describe("parcels that are dispatched at once", () => {
  it("share a transaction", async () => {
    const all = parcels(64);
    await Promise.all(all.map((parcel) => shipments.begin(parcel)));
    expect(await transactions(all.map(({ orderId }) => orderId))).toBeLessThanOrEqual(2);
  });

  it("begin one shipment for an order, that of the first", async () => {
    const parcel = aParcel();
    const begun = await Promise.all([1, 2, 3].map((weightGrams) => shipments.begin({ ...parcel, weightGrams })));
    expect(begun.map(({ weightGrams }) => weightGrams)).toEqual([1, 1, 1]);
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1);
  });

  it("fail alone if they cannot be stored", async () => {
    const all = parcels(64).map((parcel, index) => (index === 40 ? { ...parcel, method: "a\0b" } : parcel));
    const outcomes = await Promise.allSettled(all.map((parcel) => shipments.begin(parcel)));
    const failed = outcomes.flatMap((outcome, index) =>
      outcome.status === "rejected" ? [[index, outcome.reason]] : [],
    );
    expect(failed).toEqual([[40, expect.objectContaining({ reason: postgresErrors.TEXT_NOT_STORABLE.reason })]]);
  });
});

describe("messages about shipments that arrive at once", () => {
  it("share a transaction, with their events", async () => {
    const all = await booked(64);
    const after = await Promise.all(all.map((shipment) => receive(shipment, report(shipment, "picked_up"))));
    expect(after.every(({ status }) => status === "picked_up")).toBe(true);
    expect(await transactions(all.map(({ orderId }) => orderId))).toBeLessThanOrEqual(2);
    for (const { orderId } of all) expect(await published(orderId)).toEqual(["Booked", "PickedUp"]);
  });

  it("publish each in the trace of its own call", async () => {
    const all = await booked(8);
    const traces = all.map((_, n) => n.toString(16).padStart(32, "a"));
    await Promise.all(
      all.map((shipment, n) =>
        runWithTrace({ traceparent: `00-${traces[n]}-b7ad6b7169203331-01` }, () =>
          receive(shipment, report(shipment, "picked_up")),
        ),
      ),
    );
    const text = "SELECT headers ->> 'traceparent' AS trace FROM outbox WHERE key = $1 ORDER BY seq DESC LIMIT 1";
    const stored = await Promise.all(all.map(({ orderId }) => rowsOf<{ trace: string }>(db, text, [orderId])));
    expect(stored.map(([row]) => row?.trace.split("-")[1])).toEqual(traces);
  });

  it("are each followed if they are about one shipment", async () => {
    const [shipment] = await booked(1);
    if (shipment === undefined) throw new Error("There is no shipment.");
    const states = ["in_transit", "picked_up", "delivered", "picked_up"] as const;
    await Promise.all(states.map((status, n) => receive(shipment, { ...report(shipment, status), at: new Date(n) })));
    expect(await shipments.find(shipment.orderId)).toMatchObject({ status: "delivered" });
    expect(await published(shipment.orderId)).toEqual(["Booked", "PickedUp", "InTransit", "Delivered"]);
    expect(await shipments.tracking(shipment.orderId)).toHaveLength(4);
  });

  it("change nothing when they are repeated", async () => {
    const [shipment] = await booked(1);
    if (shipment === undefined) throw new Error("There is no shipment.");
    const message = report(shipment, "picked_up");
    const after = await Promise.all(Array.from({ length: 5 }, () => receive(shipment, message)));
    expect(after.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => "picked_up"));
    expect(await published(shipment.orderId)).toEqual(["Booked", "PickedUp"]);
    expect(await shipments.tracking(shipment.orderId)).toHaveLength(1);
  });

  it("fail alone if they cannot be stored", async () => {
    const all = await booked(64);
    const outcomes = await Promise.allSettled(
      all.map((shipment, n) =>
        receive(shipment, { ...report(shipment, "picked_up"), location: n === 7 ? "a\0b" : "Hub" }),
      ),
    );
    expect(outcomes.flatMap(({ status }, n) => (status === "rejected" ? [n] : []))).toEqual([7]);
  });

  it("do not wait for a shipment that another session has locked", async () => {
    const all = await booked(8);
    const [locked, ...others] = all;
    if (locked === undefined) throw new Error("There is no shipment.");
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = db.transaction(async (tx) => {
      await tx.query("SELECT FROM shipments WHERE order_id = $1 FOR UPDATE", [locked.orderId]);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    const waiting = receive(locked, report(locked, "picked_up"));
    await Promise.all(others.map((shipment) => receive(shipment, report(shipment, "picked_up"))));
    expect(await shipments.find(locked.orderId)).toMatchObject({ status: "booked" });
    release.resolve();
    await holding;
    expect(await waiting).toMatchObject({ status: "picked_up" });
  });

  it("never deadlock with those of another process", async () => {
    const all = await booked(64);
    const other = createShipmentStore(db, { checkAfterMs: 60_000 });
    await Promise.all([
      ...all.map((shipment) => receive(shipment, report(shipment, "picked_up"))),
      ...all.toReversed().map((shipment) => receive(shipment, report(shipment, "in_transit"), other)),
    ]);
    for (const { orderId } of all) expect(await published(orderId)).toEqual(["Booked", "PickedUp", "InTransit"]);
  });
});

describe("a lost response to a flight", () => {
  let proxy: LossyProxy;
  let behindProxy: Database;
  beforeAll(async () => {
    const target = new URL(url);
    proxy = await startLossyProxy(Number(target.port));
    target.port = String(proxy.port);
    behindProxy = openDatabase({ url: target.href, service: "test", max: 2 });
  });
  afterAll(async () => {
    await behindProxy.close();
    await proxy.stop();
  });

  it("fails its calls without a repetition, and each call finds its effect when it is repeated", async () => {
    const all = await booked(16);
    const messages = all.map((shipment) => report(shipment, "picked_up"));
    const remote = createShipmentStore(behindProxy, { checkAfterMs: 60_000 });
    const receiveAll = () =>
      all.map((shipment, n) => receive(shipment, messages[n] ?? report(shipment, "booked"), remote));
    await remote.find("connects");
    proxy.loseResponses();
    const outcomes = await Promise.allSettled(receiveAll());
    expect(new Set(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code))).toEqual(
      new Set(["UNAVAILABLE"]),
    );
    proxy.passResponses();
    await Promise.all(receiveAll());
    for (const shipment of all) {
      expect(await published(shipment.orderId)).toEqual(["Booked", "PickedUp"]);
      expect(await shipments.tracking(shipment.orderId)).toHaveLength(1);
    }
  });
});
