import { KontorError } from "@kontor/errors";
import { createRowQueue, type Database, migrate, openDatabase } from "@kontor/postgres";
import { createSagaEngine, type SagaEngine } from "@kontor/saga";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { eventually, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import type { Inventory, Payments, Shipping } from "../src/callees.ts";
import { cancelOrder } from "../src/commands/cancel-order.ts";
import { endCheckout } from "../src/commands/end-checkout.ts";
import { anOrder } from "../src/domain/fixtures.ts";
import { historyOf } from "../src/domain/history.ts";
import { createCartStore } from "../src/outbound/cart-store.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import { checkouts, sagaRunner } from "../src/outbound/saga-runner.ts";
import type { Orders, Sagas } from "../src/ports.ts";
import { defineCancellations } from "../src/sagas/cancellation.ts";
import { defineCheckouts } from "../src/sagas/checkout.ts";
import { plainPricing } from "./plain-pricing.ts";

const refused = new KontorError({
  ...{ code: "FAILED_PRECONDITION", reason: "PROVIDER_REFUSED", domain: "payments.shop" },
  message: "The card provider refused: expired_authorisation.",
});

const postgres = await startPostgres();
let db: Database;
let engine: SagaEngine;
let orders: Orders;
let sagas: Sagas;
const now = () => new Date();
const queue = createRowQueue();

/** The calls of the callees, in order. */
const calls: string[] = [];
let failing: string;
const call = async <T>(name: string, result: T): Promise<T> => {
  calls.push(name);
  if (name === failing) throw refused;
  return result;
};
const inventory: Inventory = {
  availability: () => Promise.reject(new Error("Nothing is priced.")),
  reserve: () => call("reserve", undefined),
  commit: () => call("commit", "committed" as const),
  release: () => call("release", undefined),
  takeBack: () => call("take back", undefined),
};
let refund: Payments["refund"];
const payments: Payments = {
  authorise: () => call("authorise", { status: "authorised", paymentId: "p-1" } as const),
  capture: () => call("capture", undefined),
  void: () => call("void", undefined),
  refund: (orderId, reason) => refund(orderId, reason),
};
const shipping: Shipping = {
  quote: () => Promise.reject(new Error("Nothing is quoted.")),
  dispatch: () => call("dispatch", "TRACK-7"),
  recall: () => call("recall", "recalled" as const),
};

beforeAll(async () => {
  const { url } = await postgres.createDatabase("orders", { owner: true });
  await migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } });
  db = openDatabase({ url, service: "test" });
  orders = createOrderStore(db);
  const carts = createCartStore(db, { keepMs: 86_400_000 });
  const deadlineMs = 600_000;
  engine = createSagaEngine({
    ...{ db, log: createLogger({ service: "test", level: "silent" }), pollMs: 50 },
    sagas: [...defineCheckouts({ orders, carts, now, deadlineMs }), ...defineCancellations({ orders, now })],
    services: { orders, checkouts: checkouts(db), inventory, payments, shipping, pricing: plainPricing },
  });
  sagas = sagaRunner(engine);
  engine.start();
});
afterAll(async () => {
  await engine.stop();
  await db.close();
  await postgres.stop();
});
beforeEach(() => {
  calls.length = 0;
  failing = "";
  refund = () => call("refund", "refunded" as const);
});

async function aParkedCheckout(orderId: string, step: string): Promise<void> {
  failing = step;
  const order = { ...anOrder(), orderId };
  await db.transaction(async (tx) => {
    await orders.place(tx, order);
    await sagas.beginCheckout(tx, order);
  });
  await eventually(async () => expect((await sagas.parked()).map(({ id }) => id)).toContain(orderId));
  failing = "";
}

const end = (orderId: string) =>
  endCheckout({ db, orders, sagas, now, queue })({ orderId, by: "staff-7", reason: "The card has expired." });
const cancelled = (orderId: string, reason: string) =>
  eventually(async () => expect(await orders.find(orderId)).toMatchObject({ stage: "cancelled", reason }));
const undone = ["recall", "refund", "take back"];

describe("ending a checkout that is parked after its pivot", () => {
  it.each(["capture", "dispatch"])("recalls, refunds and takes the stock back when %s cannot be done", async (step) => {
    await aParkedCheckout(`parked-${step}`, step);
    expect(await end(`parked-${step}`)).toMatchObject({ cancelling: true });
    await cancelled(`parked-${step}`, "CANCELLED_BY_SHOP");
    expect(calls.slice(-3)).toEqual(undone);
    expect((await sagas.parked()).map(({ id }) => id)).not.toContain(`parked-${step}`);
    const history = historyOf(await orders.history(`parked-${step}`)).map(({ description }) => description);
    expect(history).toContain("The shop requested a cancellation: The card has expired.");
  });

  it("continues the cancellation behind it, on behalf of its requester", async () => {
    await aParkedCheckout("waiting", "capture");
    const order = await orders.find("waiting");
    if (order === undefined) throw new Error("The order is not there.");
    await cancelOrder({ db, orders, sagas, now, queue })({ order, by: order.userId, reason: "" });
    const waits = "SELECT 1 FROM sagas WHERE name = 'orders.cancellation.v1' AND wait_reason = 'CHECKOUT_IN_FLIGHT'";
    await eventually(async () => expect(await db.query(waits)).toHaveLength(1));
    await end("waiting");
    await cancelled("waiting", "CANCELLED_BY_CUSTOMER");
    expect(calls.slice(-3)).toEqual(undone);
    expect(calls.filter((name) => name === "refund")).toHaveLength(1);
  });

  it("is refused when it is not parked", async () => {
    await expect(end("unknown")).rejects.toMatchObject({ reason: "SAGA_NOT_PARKED" });
    await aParkedCheckout("once", "dispatch");
    await end("once");
    await cancelled("once", "CANCELLED_BY_SHOP");
    await expect(end("once")).rejects.toMatchObject({ reason: "SAGA_NOT_PARKED" });
  });
});

describe("a cancellation whose refund races a refund by staff", () => {
  it("continues refunding until nothing remains", async () => {
    let refunds = 0;
    refund = () => call("refund", ++refunds === 1 ? ("partly" as const) : ("refunded" as const));
    await aParkedCheckout("raced", "dispatch");
    await end("raced");
    await cancelled("raced", "CANCELLED_BY_SHOP");
    expect(calls.slice(-4)).toEqual(["recall", "refund", "refund", "take back"]);
  });
});
