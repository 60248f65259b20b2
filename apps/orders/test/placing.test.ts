import { randomInt } from "node:crypto";
import { createSharedTransactions } from "@kontor/batch";
import { invalid, isKontorError, type KontorError, violation } from "@kontor/errors";
import { createIdempotency } from "@kontor/idempotency";
import { money } from "@kontor/money";
import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { rpcErrors, toStatus } from "@kontor/rpc";
import { createSagaEngine } from "@kontor/saga";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { eventually, rowsOf, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { placeOrder } from "../src/commands/place-order.ts";
import { orderErrors } from "../src/domain/errors.ts";
import { anOrderRequest, aPlacement, aQuote } from "../src/domain/fixtures.ts";
import type { Address } from "../src/domain/order.ts";
import { NUMBER_BITS } from "../src/domain/order-number.ts";
import { createCartStore } from "../src/outbound/cart-store.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import { sagaRunner } from "../src/outbound/saga-runner.ts";
import { findOrder } from "../src/queries/find-order.ts";
import { defineCancellations } from "../src/sagas/cancellation.ts";
import { defineCheckouts } from "../src/sagas/checkout.ts";
import { plainPricing } from "./plain-pricing.ts";

const postgres = await startPostgres();
const databases: Database[] = [];
let url: string;
let replicas: readonly ReturnType<typeof startReplica>[];
beforeAll(async () => {
  ({ url } = await postgres.createDatabase("orders", { owner: true }));
  const log = { info: () => undefined };
  await migrate({ url, folders: migrationsOf(ordersApp), log });
  replicas = [startReplica(), startReplica()];
});
afterAll(async () => {
  await Promise.all(databases.map((db) => db.close()));
  await postgres.stop();
});

/** The data of the callees of orders. */
const shop: {
  stock: number;
  price: bigint;
  address: Address | undefined;
  outage: KontorError | undefined;
  overload: KontorError | undefined;
  /** The numbers that the next orders draw. */
  numbers: number[];
  takesCards: boolean;
} = {
  stock: 1,
  price: 1200n,
  address: aPlacement().address,
  outage: undefined,
  overload: undefined,
  numbers: [],
  takesCards: true,
};
beforeEach(async () => {
  Object.assign(shop, {
    stock: 1,
    price: 1200n,
    address: aPlacement().address,
    outage: undefined,
    overload: undefined,
    numbers: [],
    takesCards: true,
  });
  await observer().query("TRUNCATE idempotency_claims, orders, order_search, sagas, outbox");
});

/** Orders with a separate pool, like a pod. */
function startReplica() {
  const db = openDatabase({ url, service: "orders" });
  databases.push(db);
  const orders = createOrderStore(db);
  const carts = createCartStore(db, { keepMs: 86_400_000 });
  const unused = () => Promise.reject(new Error("Placing an order reserves nothing."));
  const inventory = {
    async availability() {
      if (shop.outage) throw shop.outage;
      return { units: new Map([["P-101", shop.stock]]), lowStock: 5 };
    },
    ...{ reserve: unused, commit: unused, release: unused, takeBack: unused },
  };
  const shipping = { quote: async () => money("EUR", 490n), dispatch: unused, recall: unused };
  const payments = { authorise: unused, capture: unused, void: unused, refund: unused };
  const now = () => new Date();
  const sagas = [
    ...defineCheckouts({ orders, carts, now, deadlineMs: 600_000 }),
    ...defineCancellations({ orders, now }),
  ] as const;
  const services = {
    orders,
    checkouts: { ended: async () => false },
    inventory,
    payments,
    shipping,
    pricing: plainPricing,
  };
  const engine = createSagaEngine({ db, log: createLogger({ service: "test", level: "silent" }), sagas, services });
  const place = placeOrder({
    share: createSharedTransactions(db, { name: "orders.place" }),
    ...{ orders, inventory, shipping, now, idempotency: createIdempotency(db), sagas: sagaRunner(engine) },
    catalog: { quote: async () => [aQuote({ unitPrice: money("EUR", shop.price) })] },
    users: { resolveAddress: async () => shop.address },
    admission: { admit: async () => (shop.overload ? Promise.reject(shop.overload) : () => {}) },
    paymentMethods: { names: [], has: () => shop.takesCards },
    random: () => shop.numbers.shift() ?? randomInt(2 ** NUMBER_BITS),
  });
  return { db, place };
}

function replica(index: number) {
  const found = replicas[index];
  if (found === undefined) throw new Error(`There is no replica ${index}.`);
  return found;
}
const observer = () => replica(0).db;

const items = [{ productId: "P-101", sku: "", quantity: 1, price: 1200n }];
function place({ key = "k-1", on = 0, orderRequest = anOrderRequest({ items }), validate = () => {} } = {}) {
  const call = { deadline: new Date(Date.now() + 15_000), signal: new AbortController().signal };
  return replica(on).place({ orderRequest, key, call, validate });
}
const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (isKontorError(error) ? error : Promise.reject(error)),
  );
const count = async (table: string) => {
  const [row] = await rowsOf<{ rows: number }>(observer(), `SELECT count(*)::int AS rows FROM ${table}`);
  return row?.rows;
};

/** Delays the commit of the first request until the work is done: it waits for the lock on the outbox. */
async function whileTheFirstCommits<T>(work: () => Promise<T>) {
  const first = await observer().transaction(async (tx) => {
    await tx.query("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE");
    const placing = place();
    placing.catch(() => undefined);
    await eventually(async () => {
      const waiting = await replica(1).db.query(
        "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass",
      );
      expect(waiting).toHaveLength(1);
    });
    return { placing, repeated: work() };
  });
  return Promise.all([first.placing, first.repeated]);
}

describe("a repeated request to place an order while the first commits", () => {
  it.each([
    ["the last unit is sold", () => (shop.stock = 0)],
    ["the price has changed", () => (shop.price = 1300n)],
    ["the address was deleted", () => (shop.address = undefined)],
  ])("returns the first order although %s", async (_, change) => {
    const [first, ...repeated] = (
      await whileTheFirstCommits(async () => {
        change();
        return Promise.all([place(), place({ on: 1 })]);
      })
    ).flat();
    expect(first).toMatchObject({ replayed: false });
    for (const again of repeated) expect(again).toEqual({ order: first?.order, replayed: true });
    expect(await count("orders")).toBe(1);
    expect(await count("sagas")).toBe(1);
    expect(await count("outbox")).toBe(1);
  });

  it("returns the first order although a setting would refuse it now", async () => {
    const { order } = await place();
    shop.takesCards = false;
    expect(await place({ on: 1 })).toEqual({ order, replayed: true });
  });

  it("is refused at once for another order", async () => {
    const other = anOrderRequest({ items, paymentMethod: "tok_visa" });
    const [, refused] = await whileTheFirstCommits(() => failure(place({ on: 1, orderRequest: other })));
    expect(refused).toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
  });
});

describe("a refused order", () => {
  it.each([
    ["OUT_OF_STOCK", { stock: 0 }],
    ["PRICE_CHANGED", { price: 1300n }],
    ["INVALID_REQUEST", { address: undefined }],
  ])("for %s is refused again, byte for byte, after any change", async (reason, change) => {
    const before = { ...shop };
    Object.assign(shop, change);
    const first = await failure(place());
    Object.assign(shop, before);
    const again = await failure(place({ on: 1 }));
    expect(first?.reason).toBe(reason);
    expect(again && toStatus(again)).toEqual(first && toStatus(first));
    expect(await count("orders")).toBe(0);
    expect(await place({ key: "k-2" })).toMatchObject({ replayed: false });
  });

  it("that no state of the shop could accept leaves the key free", async () => {
    const validate = () => {
      throw invalid([violation("items", "REQUIRED")]);
    };
    expect(await failure(place({ validate }))).toMatchObject({ reason: "INVALID_REQUEST" });
    expect(await place()).toMatchObject({ replayed: false });
  });

  it("because of a setting leaves the key free", async () => {
    shop.takesCards = false;
    expect(await failure(place())).toMatchObject({ reason: "INVALID_REQUEST" });
    shop.takesCards = true;
    expect(await place()).toMatchObject({ replayed: false });
  });

  it("because a callee is unavailable leaves the key free", async () => {
    shop.outage = rpcErrors.DEPENDENCY_UNAVAILABLE();
    expect(await failure(place())).toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
    shop.outage = undefined;
    expect(await place({ on: 1 })).toMatchObject({ replayed: false });
  });
});

describe("many requests with one key", () => {
  it("for the last unit on two replicas place one order, and all get it", async () => {
    const placed = await Promise.all(Array.from({ length: 20 }, (_, n) => place({ on: n % 2 })));
    expect(new Set(placed.map(({ order }) => order.orderId)).size).toBe(1);
    expect(placed.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await count("orders")).toBe(1);
  });

  it("of different users are separate requests", async () => {
    const mine = await place();
    const yours = await place({ orderRequest: anOrderRequest({ items, userId: "u-2" }) });
    expect(yours).toMatchObject({ replayed: false, order: { userId: "u-2" } });
    expect(yours.order.orderId).not.toBe(mine.order.orderId);
  });
});

describe("the number of a placed order", () => {
  it("is unique: a number that is taken is replaced by the next", async () => {
    shop.numbers = [7, 7, 7, 8];
    const placed = [await place(), await place({ key: "k-2", on: 1 })];
    expect(placed.map(({ order }) => order.number)).toEqual(["K-0000-0007", "K-0000-0008"]);
    expect(await count("orders")).toBe(2);
    expect(await count("outbox")).toBe(2);
    expect(await place({ key: "k-2" })).toEqual({ order: placed[1]?.order, replayed: true });
  });

  it("is unique among orders that are placed at once", async () => {
    shop.numbers = Array.from({ length: 8 }, () => 7);
    const placed = await Promise.all([1, 2, 3, 4].map((n) => place({ key: `k-${n}`, on: n % 2 })));
    expect(new Set(placed.map(({ order }) => order.number)).size).toBe(4);
  });

  it("finds the order, for its reader alone", async () => {
    const { order } = await place();
    const find = findOrder({ orders: createOrderStore(observer()) });
    const owner = { userId: "u-1", readsAny: false };
    for (const typed of [order.number, order.number?.toLowerCase().replaceAll("-", ""), order.orderId])
      expect(await find(typed ?? "", owner)).toMatchObject({ orderId: order.orderId, number: order.number });
    const other = await failure(find(order.number ?? "", { userId: "u-2", readsAny: false }));
    expect(other).toMatchObject({ reason: "ORDER_NOT_FOUND" });
    expect(await find(order.number ?? "", { userId: "staff", readsAny: true })).toMatchObject({ userId: "u-1" });
  });
});

describe("placing an order while the shop is overloaded", () => {
  it("is refused and may be repeated with the same key, while a key that has placed an order returns it", async () => {
    const { order } = await place({ key: "k-earlier" });
    shop.stock = 1;
    shop.overload = orderErrors.OVERLOADED({ retryAfterMs: 2_000 });
    expect(await failure(place())).toMatchObject({ code: "UNAVAILABLE", reason: "OVERLOADED", retryAfterMs: 2_000 });
    expect(await place({ key: "k-earlier" })).toEqual({ order, replayed: true });
    expect(await count("orders")).toBe(1);
    shop.overload = undefined;
    expect(await place()).toMatchObject({ replayed: false });
  });
});
