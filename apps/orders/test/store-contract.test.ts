import { type Database, migrate, openDatabase, type Tx } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { OrderConfirmedSchema, OrderPlacedSchema, OrderRejectedSchema } from "@kontor/shop/contracts/orders/v1/events";
import { rowsOf, startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { anOrder, aPlacement, at } from "../src/domain/fixtures.ts";
import { newOrder, type Order, type OrderEvent } from "../src/domain/order.ts";
import { orderNumber } from "../src/domain/order-number.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import type { Orders } from "../src/ports.ts";
import { createMemoryOrders, type Published } from "./memory-orders.ts";

interface Store {
  readonly orders: Orders;
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly published: (orderId: string) => Promise<readonly string[]>;
}

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("orders");
await migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } });
const db: Database = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

function onPostgres(): Store {
  const text = "SELECT type, key FROM outbox WHERE key = $1 ORDER BY seq";
  return {
    orders: createOrderStore(db),
    transaction: (work) => db.transaction(work),
    published: async (orderId) => (await rowsOf<Published>(db, text, [orderId])).map(({ type }) => type),
  };
}

function inMemory(): Store {
  const memory = createMemoryDatabase();
  const orders = createMemoryOrders(memory);
  return {
    orders,
    transaction: (work) => memory.transaction(work),
    published: async (orderId) => orders.published().flatMap(({ type, key }) => (key === orderId ? [type] : [])),
  };
}

let placed = 0;
describe.each([
  ["on PostgreSQL", onPostgres],
  ["in memory", inMemory],
])("orders %s", (_, open) => {
  let store: Store;
  beforeEach(() => {
    store = open();
  });

  function anotherOrder(overrides: Parameters<typeof aPlacement>[0] = {}): Order {
    placed += 1;
    const ids = { orderId: `o-${placed}`, number: orderNumber(placed), userId: `u-${placed}` };
    return newOrder(aPlacement({ ...ids, ...overrides }), at);
  }
  async function place(overrides: Parameters<typeof aPlacement>[0] = {}): Promise<Order> {
    const order = anotherOrder(overrides);
    await store.transaction((tx) => store.orders.place(tx, order));
    return order;
  }
  const change = (orderId: string, ...events: readonly OrderEvent[]) =>
    store.transaction((tx) => store.orders.change(tx, orderId, () => events));
  const confirmed: OrderEvent = { type: "confirmed", at: new Date(at.getTime() + 1_000) };

  it("are found by id and number as they were placed, and published", async () => {
    const order = await place();
    expect(await store.orders.find(order.orderId)).toEqual(order);
    expect(await store.orders.findByNumber(order.number ?? "")).toEqual(order);
    expect(await store.orders.placed(order.orderId)).toEqual(order);
    expect(await store.orders.find("o-none")).toBeUndefined();
    expect(await store.orders.findByNumber("K-0000-0000")).toBeUndefined();
    expect(await store.published(order.orderId)).toEqual([OrderPlacedSchema.typeName]);
  });

  it("are refused when another order has their number", async () => {
    const { number = "" } = await place();
    await expect(place({ number })).rejects.toMatchObject({ reason: "ORDER_NUMBER_TAKEN" });
  });

  it("change by events, which are their history, and are published where others need to know", async () => {
    const { orderId, ...order } = await place();
    const reserved: OrderEvent = { type: "stock-reserved", at };
    const after = await change(orderId, reserved, confirmed);
    expect(after).toEqual({ ...order, orderId, stage: "confirmed", version: 3, updatedAt: confirmed.at });
    expect(await store.orders.find(orderId)).toEqual(after);
    expect((await store.orders.history(orderId)).slice(1)).toEqual([reserved, confirmed]);
    expect(await store.orders.placed(orderId)).toMatchObject({ stage: "placed", version: 1 });
    expect(await store.published(orderId)).toEqual([OrderPlacedSchema.typeName, OrderConfirmedSchema.typeName]);
    await expect(change("o-none", confirmed)).rejects.toMatchObject({ reason: "ORDER_NOT_FOUND" });
  });

  it("remain unchanged without an event, and when the transaction fails", async () => {
    const order = await place();
    expect(await change(order.orderId)).toEqual(order);
    const failed = store.transaction(async (tx) => {
      await store.orders.change(tx, order.orderId, () => [confirmed]);
      expect(await store.orders.find(order.orderId, tx)).toMatchObject({ stage: "confirmed" });
      throw new Error("rolled back");
    });
    await expect(failed).rejects.toThrow("rolled back");
    expect(await store.orders.find(order.orderId)).toEqual(order);
    expect(await store.orders.history(order.orderId)).toHaveLength(1);
  });

  it("name the end of a rejected order in public words", async () => {
    const { orderId } = await place();
    await change(orderId, { type: "rejected", reason: "SAGA_STEP_FAILED", detail: "secret", at });
    const rejected = { stage: "rejected", reason: "CHECKOUT_FAILED" };
    expect(await store.orders.find(orderId)).toMatchObject(rejected);
    expect((await store.orders.find(orderId))?.reasonDetail).not.toContain("secret");
    expect(await store.published(orderId)).toContain(OrderRejectedSchema.typeName);
  });

  it("store every state that their events lead to", async () => {
    const { orderId } = await place();
    const steps: readonly OrderEvent[] = [
      { type: "payment-action-required", actionUrl: "https://bank.example/1", at },
      { type: "payment-authorised", paymentId: "p-1", at },
      { type: "stock-committed", at },
      { type: "confirmed", at },
      { type: "dispatched", trackingNumber: "T-1", at },
      { type: "cancellation-requested", by: "u-1", reason: "Too late.", at },
      { type: "cancellation-refused", detail: "The carrier already has the parcel.", at },
      { type: "refunded", amount: 100n, refunded: 100n, actor: "staff:s-1", reason: "Scratch.", at },
      { type: "shipped", at },
      { type: "completed", at },
    ];
    for (const [index, event] of steps.entries()) {
      const { orderId: _id, userId: _user, number: _number, ...expected } = anOrder(...steps.slice(0, index + 1));
      expect(await change(orderId, event)).toMatchObject(expected);
      expect(await store.orders.find(orderId)).toMatchObject(expected);
    }
  });

  it("of a user are listed newest first, page by page", async () => {
    const userId = "u-of-list";
    const all = [await place({ userId }), await place({ userId }), await place({ userId })];
    const newest = all
      .map(({ orderId }) => orderId)
      .sort()
      .reverse();
    const first = await store.orders.list(userId, { limit: 2 });
    const [, last] = first;
    const after = last && { placedAt: last.placedAt, id: last.orderId };
    const second = await store.orders.list(userId, { limit: 2, ...(after && { after }) });
    expect([...first, ...second].map(({ orderId }) => orderId)).toEqual(newest);
  });

  it("report their next change, and stop waiting when the signal aborts", async () => {
    const { orderId } = await place();
    const changed = store.orders.changed(orderId, new AbortController().signal);
    await change(orderId, confirmed);
    await changed;
    const stop = new AbortController();
    const waiting = store.orders.changed(orderId, stop.signal);
    stop.abort();
    await waiting;
  });
});
