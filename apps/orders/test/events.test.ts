import { create, toBinary } from "@bufbuild/protobuf";
import { type Database, migrate, openDatabase, pipelined, type Sql } from "@kontor/postgres";
import { createSagaEngine, type SagaEngine } from "@kontor/saga";
import { migrationsOf } from "@kontor/service";
import {
  PaymentAuthorisedSchema,
  PaymentDeclinedSchema,
  PaymentRefundedSchema,
} from "@kontor/shop/contracts/payments/v1/events";
import { ShipmentPickedUpSchema } from "@kontor/shop/contracts/shipping/v1/events";
import { createLogger } from "@kontor/telemetry";
import { eventually, rowsOf, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import type { Payments } from "../src/callees.ts";
import { anOrder, at } from "../src/domain/fixtures.ts";
import { historyOf } from "../src/domain/history.ts";
import { orderConsumers } from "../src/inbound/events.ts";
import { createCartStore } from "../src/outbound/cart-store.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import { sagaRunner } from "../src/outbound/saga-runner.ts";
import { type CheckoutServices, defineCheckouts } from "../src/sagas/checkout.ts";

const postgres = await startPostgres();
let db: Database;
let engine: SagaEngine;
let authorise: Payments["authorise"];

beforeAll(async () => {
  const { url } = await postgres.createDatabase("orders", { owner: true });
  const log = { info: () => undefined };
  await migrate({ url, folders: migrationsOf(ordersApp), log });
  db = openDatabase({ url, service: "test" });
  const orders = createOrderStore(db);
  const carts = createCartStore(db, { keepMs: 86_400_000 });
  const services = {
    inventory: { reserve: async () => {}, commit: () => new Promise(() => {}) },
    payments: { authorise: (order) => authorise(order) },
  } as Partial<{ [S in keyof CheckoutServices]: Partial<CheckoutServices[S]> }> as CheckoutServices;
  engine = createSagaEngine({
    ...{ db, services, log: createLogger({ service: "test", level: "silent" }), pollMs: 60_000, stopGraceMs: 100 },
    retry: { baseMs: 3_600_000, capMs: 3_600_000 },
    sagas: [...defineCheckouts({ orders, carts, now: () => at, deadlineMs: 7_200_000 })],
  });
  engine.start();
});
afterAll(async () => {
  await engine.stop();
  await db.close();
  await postgres.stop();
});

const stepOf = async (orderId: string) => {
  const rows = await rowsOf<{ step: number; asleep: boolean }>(
    db,
    "SELECT step, lease_until IS NULL AS asleep FROM sagas WHERE id = $1",
    [orderId],
  );
  return rows[0];
};

/** A checkout whose first attempt to authorise failed, so that the next is hours away. */
async function aCheckoutInBackoff(orderId: string): Promise<void> {
  authorise = () => Promise.reject(new Error("socket hang up"));
  const orders = createOrderStore(db);
  const order = { ...anOrder(), orderId };
  await db.transaction(async (tx) => {
    await orders.place(tx, order);
    await sagaRunner(engine).beginCheckout(tx, order);
  });
  await eventually(async () => expect(await stepOf(orderId)).toEqual({ step: 2, asleep: true }));
}

async function receive(type: string, payload: Uint8Array, orderId: string): Promise<void> {
  const consumers = orderConsumers({ orders: createOrderStore(db), sagas: sagaRunner(engine), now: () => at });
  const handler = consumers.flatMap(({ handlers }) => handlers).find((handler) => handler.type.endsWith(type));
  const work = handler?.prepare(payload);
  await db.transaction((tx) => work?.({ tx, id: "", type: "", key: orderId, time: at }) ?? Promise.resolve());
}

describe("a payment that is decided", () => {
  it("wakes its checkout from the backoff after a failed attempt", async () => {
    await aCheckoutInBackoff("authorised");
    authorise = async () => ({ status: "authorised", paymentId: "p-1" });
    await receive(
      "PaymentAuthorised",
      toBinary(PaymentAuthorisedSchema, create(PaymentAuthorisedSchema)),
      "authorised",
    );
    await eventually(async () => expect(await stepOf("authorised")).toMatchObject({ step: 3 }));
  });

  it("wakes its checkout to be rejected when it was declined", async () => {
    await aCheckoutInBackoff("declined");
    const asked = Promise.withResolvers<void>();
    authorise = async () => {
      asked.resolve();
      return { status: "declined", code: "card_expired" };
    };
    await receive("PaymentDeclined", toBinary(PaymentDeclinedSchema, create(PaymentDeclinedSchema)), "declined");
    await asked.promise;
  });

  it("leaves a checkout alone that is past its payment", async () => {
    await receive(
      "PaymentAuthorised",
      toBinary(PaymentAuthorisedSchema, create(PaymentAuthorisedSchema)),
      "authorised",
    );
    const [row] = await db.query("SELECT woken FROM sagas WHERE id = 'authorised'");
    expect(row).toEqual({ woken: false });
  });
});

describe("what the carrier reports of 64 parcels at once", () => {
  it("moves their orders by four statements", async () => {
    const orders = createOrderStore(db);
    const ids = Array.from({ length: 64 }, (_, n) => `parcel-${n}`);
    await db.transaction((tx) => pipelined(ids.map((orderId) => orders.place(tx, { ...anOrder(), orderId }))));
    const consumers = orderConsumers({ orders, sagas: sagaRunner(engine), now: () => at });
    const handlers = consumers.flatMap(({ handlers }) => handlers);
    const alone = handlers.filter(({ joined }) => !joined).map(({ type }) => type);
    expect(alone).toEqual(["shop.users.v1.UserEmailVerified"]); // It adopts any number of orders.
    const pickedUp = handlers.find(({ type }) => type.endsWith("ShipmentPickedUp"));
    let statements = 0;
    await db.transaction((tx) => {
      const query = ((...args: Parameters<Sql["query"]>) => {
        statements += 1;
        return tx.query(...args);
      }) as Sql["query"];
      const counting = { ...tx, query };
      const event = toBinary(ShipmentPickedUpSchema, create(ShipmentPickedUpSchema));
      const effects = ids.map((key) => pickedUp?.prepare(event)({ tx: counting, id: "", type: "", key, time: at }));
      return pipelined(effects);
    });
    for (const orderId of ids) expect(await orders.find(orderId)).toMatchObject({ stage: "shipped" });
    expect(statements).toBe(4);
  });
});

describe("a refund", () => {
  it("shows on the order and in its history, once", async () => {
    const orders = createOrderStore(db);
    const order = { ...anOrder(), orderId: "refunded" };
    await db.transaction((tx) => orders.place(tx, order));
    const eur = { currency: "EUR", minor: 500n };
    const refunded = create(PaymentRefundedSchema, {
      ...{ payment: { refunded: eur }, amount: eur, actor: "staff:s-1", reason: "Broken." },
    });
    for (const _ of [1, 2]) await receive("PaymentRefunded", toBinary(PaymentRefundedSchema, refunded), "refunded");
    expect(await orders.find("refunded")).toMatchObject({ refunded: 500n, version: 2, stage: "placed" });
    expect(historyOf(await orders.history("refunded")).at(-1)).toMatchObject({
      ...{ type: "refunded", amount: 500n, actor: "staff:s-1", description: "€5.00 was given back: Broken." },
    });
  });

  it("is read from events of earlier versions, which have numbers alone", async () => {
    const orders = createOrderStore(db);
    await db.transaction((tx) => orders.place(tx, { ...anOrder(), orderId: "refunded-before" }));
    const before = { payment: { refundedMinor: 500n }, amountMinor: 500n, actor: "staff:s-1" };
    const event = toBinary(PaymentRefundedSchema, create(PaymentRefundedSchema, before));
    await receive("PaymentRefunded", event, "refunded-before");
    expect(await orders.find("refunded-before")).toMatchObject({ refunded: 500n });
  });

  it.each([
    ["absent", {}],
    ["empty", { actor: "", reason: "" }],
  ])("is attributed to the system without a reason if the texts of its event are %s", async (name, texts) => {
    const orders = createOrderStore(db);
    const orderId = `refunded-${name}`;
    await db.transaction((tx) => orders.place(tx, { ...anOrder(), orderId }));
    const eur = { currency: "EUR", minor: 500n };
    const refunded = create(PaymentRefundedSchema, { payment: { refunded: eur }, amount: eur, ...texts });
    await receive("PaymentRefunded", toBinary(PaymentRefundedSchema, refunded), orderId);
    const entry = historyOf(await orders.history(orderId)).at(-1);
    expect(entry).toMatchObject({ actor: "system", description: "€5.00 was given back." });
  });
});
