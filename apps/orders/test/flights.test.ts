import { createSharedTransactions } from "@kontor/batch";
import { createIdempotency } from "@kontor/idempotency";
import { money } from "@kontor/money";
import { type Database, migrate, openDatabase, type Sql } from "@kontor/postgres";
import { createSagaEngine, type SagaEngine } from "@kontor/saga";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { eventually, startLossyProxy, startPostgres } from "@kontor/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import type { Payments } from "../src/callees.ts";
import { placeOrder } from "../src/commands/place-order.ts";
import { anOrderRequest, aPlacement, aQuote } from "../src/domain/fixtures.ts";
import { createCartStore } from "../src/outbound/cart-store.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import { sagaRunner } from "../src/outbound/saga-runner.ts";
import { type CheckoutServices, defineCheckouts } from "../src/sagas/checkout.ts";

const ORDERS = 32;
const postgres = await startPostgres();
const { url } = await postgres.createDatabase("orders", { owner: true });
const direct = openDatabase({ url, service: "test" });
beforeAll(() => migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } }));
afterAll(async () => {
  await direct.close();
  await postgres.stop();
});

let shop: Awaited<ReturnType<typeof openShop>>;
beforeEach(async () => {
  await direct.query("TRUNCATE idempotency_claims, orders, order_search, sagas, saga_log, outbox");
  shop = await openShop();
});
afterEach(() => shop.close());

/** Counts the requests to a database: statements, BEGIN and COMMIT included, and transactions. */
function counting(db: Database) {
  const sent = { statements: 0, transactions: 0 };
  const countingSql = <S extends Sql>(sql: S): S => {
    const query = ((...args: Parameters<Sql["query"]>) => {
      sent.statements += 1;
      return sql.query(...args);
    }) as Sql["query"];
    return { ...sql, query };
  };
  const counted: Database = {
    ...countingSql(db),
    transaction: (work, options) => {
      sent.statements += 2;
      sent.transactions += 1;
      return db.transaction((tx) => work(countingSql(tx)), options);
    },
  };
  return { counted, sent };
}

/** Orders over a proxy that can lose the responses of the database. */
async function openShop() {
  const target = new URL(url);
  const proxy = await startLossyProxy(Number(target.port));
  const opened = openDatabase({ url: url.replace(`:${target.port}/`, `:${proxy.port}/`), service: "test" });
  const { counted: db, sent } = counting(opened);
  const orders = createOrderStore(db);
  const carts = createCartStore(db, { keepMs: 86_400_000 });
  const authorised: string[] = [];
  const services = {
    inventory: { reserve: async () => {}, commit: async () => "committed" },
    payments: {
      authorise: async ({ orderId }: Parameters<Payments["authorise"]>[0]) => {
        authorised.push(orderId);
        return { status: "authorised", paymentId: `p-${orderId}` };
      },
      capture: async () => {},
    },
    shipping: { dispatch: async () => "T-1" },
  } as unknown as CheckoutServices;
  const now = () => new Date();
  const sagas = defineCheckouts({ orders, carts, now, deadlineMs: 600_000 });
  const log = createLogger({ service: "test", level: "silent" });
  const engine: SagaEngine = createSagaEngine({ db, log, sagas, services, concurrency: 2 * ORDERS });
  const share = createSharedTransactions(db, { name: "orders.place" });
  let worked = 0;
  const place = placeOrder({
    ...{ orders, now, idempotency: createIdempotency(db), sagas: sagaRunner(engine) },
    // Once all works of the flight are done, only COMMIT is left.
    share: (work, options) =>
      share(async (tx) => {
        const result = await work(tx);
        if (++worked === shop.loseCommitAfter) proxy.loseResponses();
        return result;
      }, options),
    inventory: {
      ...services.inventory,
      availability: async () => ({ units: new Map([["P-101", 1_000]]), lowStock: 5 }),
    },
    shipping: { ...services.shipping, quote: async () => money("EUR", 490n) },
    catalog: { quote: async () => [aQuote({ unitPrice: money("EUR", 1200n) })] },
    users: { resolveAddress: async () => aPlacement().address },
    admission: { admit: async () => () => {} },
    paymentMethods: { names: [], has: () => true },
    random: () => shop.numbers.shift() ?? Math.floor(Math.random() * 2 ** 40),
  });
  const call = () => ({ deadline: new Date(Date.now() + 15_000), signal: new AbortController().signal });
  const orderRequest = anOrderRequest({ items: [{ productId: "P-101", sku: "", quantity: 1, price: 1200n }] });
  return {
    ...{ proxy, engine, authorised, sent, numbers: [] as number[], loseCommitAfter: undefined as number | undefined },
    placeAll: (orders = ORDERS) =>
      Promise.all(
        Array.from({ length: orders }, (_, n) =>
          place({ orderRequest, key: `k-${n}`, call: call(), validate: () => undefined }),
        ),
      ),
    async close() {
      proxy.passResponses();
      await engine.stop();
      await db.close();
      await proxy.stop();
    },
  };
}

const count = async (table: string, where = "true") => {
  const [row] = await direct.query(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`);
  return Number(row?.n);
};
const confirmed = (n: number) =>
  eventually(async () => expect(await count("orders", "stage = 'confirmed' AND tracking_number <> ''")).toBe(n));
/** Transactions that wrote rows of a table. */
const transactionsOf = (table: string) => count(`(SELECT DISTINCT xmin::text FROM ${table}) t`);

describe("orders that are placed at the same time", () => {
  it("share transactions, and each has its key, event, row, saga and outbox row", async () => {
    const placed = await shop.placeAll();
    expect(new Set(placed.map(({ order }) => order.orderId)).size).toBe(ORDERS);
    for (const table of ["orders", "order_search", "sagas", "outbox", "events"])
      expect(await count(table, table === "events" ? "stream_id IN (SELECT id FROM orders)" : "true"), table).toBe(
        ORDERS,
      );
    expect(await count("idempotency_claims", "result IN (SELECT id FROM orders)")).toBe(ORDERS);
    expect(await transactionsOf("outbox")).toBeLessThanOrEqual(4);
  });

  it("of which two draw the same number are all placed, each with a separate number", async () => {
    shop.numbers = [7, 7, 7];
    const placed = await shop.placeAll();
    expect(new Set(placed.map(({ order }) => order.number)).size).toBe(ORDERS);
    expect(await count("orders")).toBe(ORDERS);
    expect(await count("outbox")).toBe(ORDERS);
  });

  it("are each placed once when the response to their COMMIT is lost, and their callers get them", async () => {
    shop.loseCommitAfter = ORDERS;
    const placing = shop.placeAll().catch((error: unknown) => error);
    await eventually(async () => expect(await count("orders")).toBe(ORDERS));
    shop.proxy.passResponses();
    const outcomes = await placing;
    if (!Array.isArray(outcomes)) await shop.placeAll(); // A caller whose key could not be looked up in time repeats it.
    expect(await count("orders")).toBe(ORDERS);
    expect(await count("outbox")).toBe(ORDERS);
  });
});

describe("checkouts that run at the same time", () => {
  it("store few transactions, and each order has all its events in order", async () => {
    shop.engine.start();
    const placed = await shop.placeAll();
    await confirmed(ORDERS);
    const [{ order } = { order: undefined }] = placed;
    const events = await direct.query("SELECT type FROM events WHERE stream_id = $1 ORDER BY version", [
      order?.orderId,
    ]);
    expect(events.map(({ type }) => type)).toEqual(
      ["placed", "stock-reserved", "payment-authorised", "stock-committed", "confirmed", "dispatched"], //
    );
    expect(await count("events", "stream_id IN (SELECT id FROM orders)")).toBe(6 * ORDERS);
    expect(await count("(SELECT DISTINCT xmin::text FROM events WHERE type <> 'placed') t")).toBeLessThan(3 * ORDERS);
    expect(shop.authorised).toHaveLength(ORDERS);
  });

  it("do not wait for an order whose row another transaction has locked", async () => {
    const placed = await shop.placeAll();
    const [locked] = placed.map(({ order }) => order.orderId);
    const [holding, unlock] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lock = direct.transaction(async (tx) => {
      await tx.query("SELECT FROM orders WHERE id = $1 FOR UPDATE", [locked]);
      holding.resolve();
      await unlock.promise;
    });
    await holding.promise;
    shop.engine.start();
    await confirmed(ORDERS - 1);
    unlock.resolve();
    await lock;
    await confirmed(ORDERS);
  });
});

describe("the cost of an order for the database of orders, from its request to its dispatch", () => {
  // Lower a limit when the figure has fallen; raise it for a reason only. Without shared flights an order cost 39 statements in 6 transactions.
  it.each([
    [1, 27, 4],
    [ORDERS, 4, 0.5],
  ])(
    "is limited, with %d at the same time, to %d statements in %d transactions each",
    async (orders, statements, transactions) => {
      shop.engine.start();
      await shop.placeAll(orders);
      await confirmed(orders);
      await shop.engine.stop();
      const idle = 4; // Of the start of the engine, which finds nothing.
      expect((shop.sent.statements - idle) / orders).toBeLessThanOrEqual(statements);
      expect(shop.sent.transactions / orders).toBeLessThanOrEqual(transactions);
      console.info(
        `${orders} at the same time: ${shop.sent.statements / orders} statements, ${shop.sent.transactions / orders} transactions each`,
      );
    },
  );
});
