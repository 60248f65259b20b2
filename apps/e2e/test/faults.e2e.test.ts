import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { connectOptions } from "@kontor/nats";
import { serviceNames } from "@kontor/shop";
import { eventually, rowsOf } from "@kontor/testing";
import { jetstream } from "@nats-io/jetstream";
import { connect, headers } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { anOrder, type OrderBody, type Shop, type Shopper, startShop } from "./shop.ts";

let shop: Shop;
let shopper: Shopper;
beforeAll(async () => {
  const limits = { default: { limit: 100_000 }, orders: { limit: 100_000 } };
  shop = await startShop({
    "carrier-simulator": { STEP_MS: "200", PICKUP_MS: "200" },
    gateway: { GATEWAY_RATE_LIMITS: JSON.stringify(limits) },
  });
  shopper = await shop.shopper();
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

vi.setConfig({ testTimeout: 120_000 }); // The time in which a killed process restarts, and the leases of its sagas end.

/**
 * Places an order while a process that runs `app` dies when that app reaches a named point, and starts the process again without the point.
 * Returns the id of the order. The response may be lost with the process: the idempotency key makes it safe to repeat the request.
 */
async function placedWhileKilled(
  app: string,
  failpoint: string,
  product: string,
  { by = shopper, paymentMethod = "card" } = {},
): Promise<string> {
  const body = anOrder(product, { paymentMethod });
  const send = () => by.request<OrderBody>("POST", "/api/v1/orders", body).catch(() => undefined);
  const names = shop.replicasOf(app);
  await Promise.all(names.map((name) => shop.restart(name, { KONTOR_FAILPOINT: `${app}:${failpoint}` })));
  const died = Promise.race(names.map((name) => shop.ended(name)));
  await Promise.all([send(), died]);
  await Promise.all(names.map((name) => shop.restart(name)));
  return eventually(async () => {
    const answer = await send();
    expect(answer?.status).toBe(201);
    return answer?.body.id ?? "";
  });
}

async function expectFulfilled(id: string, product: string, owner: Shopper = shopper): Promise<void> {
  await owner.until(id, "completed", 60_000);
  expect(await owner.history(id)).toEqual([
    ...["placed", "stock-reserved", "payment-authorised", "stock-committed", "confirmed", "dispatched"],
    ...["shipped", "completed"],
  ]);
  expect(await shop.charged(id)).toBe(2890);
  expect(await shop.providerPayments(id)).toHaveLength(1);
  expect(await shop.stockOf(product)).toMatchObject({ available: 3, held: 0 });
}

async function expectUndone(id: string, product: string): Promise<void> {
  await shopper.until(id, "rejected", 60_000);
  expect(await shop.charged(id)).toBe(0);
  expect(await shop.stockOf(product)).toMatchObject({ available: 5, held: 0 });
}

describe("orders killed between a step's response and its commit", () => {
  it.each(["reserve-stock", "authorise-payment", "commit-stock", "capture-payment", "dispatch"])(
    "goes on after %s and does nothing twice",
    async (step) => {
      const product = await shop.product(5);
      const id = await placedWhileKilled("orders", `saga.after-run.${step}`, product);
      await expectFulfilled(id, product);
    },
  );
});

describe("orders killed in the middle of compensation", () => {
  it.each(["authorise-payment", "reserve-stock"])("after undoing %s still undoes everything", async (step) => {
    const product = await shop.product(5);
    const id = await placedWhileKilled("orders", `saga.after-undo.${step}`, product, { paymentMethod: "tok_declined" });
    await expectUndone(id, product);
  });
});

describe("a process killed at any time", () => {
  it("payments between the provider's yes and our commit charges once", async () => {
    const product = await shop.product(5);
    const id = await placedWhileKilled("payments", "payments.after-provider-ok", product);
    await expectFulfilled(id, product);
  });

  it.each([
    ["commit and publish", "relay.before-publish"],
    ["publish and mark", "relay.after-publish"],
  ])("orders between %s publishes everything and consumers deduplicate", async (_, failpoint) => {
    const product = await shop.product(5);
    const shopper = await shop.shopper(); // Whose mails are counted.
    const id = await placedWhileKilled("orders", failpoint, product, { by: shopper });
    await expectFulfilled(id, product, shopper);
    await eventually(async () => expect(await shop.mails(shopper.email)).toHaveLength(2), {
      timeoutMs: 20_000,
    });
  });

  it.each(["inventory", "payments", "shipping", "catalog", "users", "notifications", "gateway"])(
    "%s restarts and the orders in flight complete",
    async (name) => {
      const products = await Promise.all([1, 2, 3].map(() => shop.product(5)));
      const placed = await Promise.all(products.map((product) => shopper.place(product)));
      await shop.restart(name);
      for (const [index, { body }] of placed.entries()) await expectFulfilled(body.id, products[index] ?? "");
    },
  );
});

describe("NATS", () => {
  it("stopped for a minute stops no order, and all events arrive afterwards", async () => {
    const minute = Number(process.env.KONTOR_NATS_OUTAGE_MS ?? 5_000);
    const shopper = await shop.shopper(); // Whose mails are counted.
    await shop.stop("nats");
    const until = performance.now() + minute;
    const product = await shop.product(50);
    const ids: string[] = [];
    while (performance.now() < until || ids.length < 5) {
      const { status, body } = await shopper.place(product);
      expect(status).toBe(201);
      ids.push(body.id);
      await eventually(async () => expect((await shopper.order(body.id)).trackingNumber).toBeTruthy());
      if (ids.length >= 20) break;
    }
    await eventually(() => expect(performance.now()).toBeGreaterThan(until), { timeoutMs: minute + 5_000 });
    await shop.start("nats");
    for (const id of ids) await shopper.until(id, "completed", 60_000);
    await eventually(async () => expect((await shop.mails(shopper.email)).length).toBe(2 * ids.length), {
      timeoutMs: 60_000,
    });
  }, 240_000);

  it("wiped is filled again from the outboxes, and each event has its effect once", async () => {
    const shopper = await shop.shopper(); // Whose mails are counted.
    const { body } = await shopper.place(await shop.product(5));
    await shopper.until(body.id, "completed");
    await eventually(async () => expect(await shop.mails(shopper.email)).toHaveLength(2));
    const published = async () => {
      const [row] = await rowsOf<{ count: bigint }>(
        shop.database("orders"),
        "SELECT count(*) AS count FROM outbox WHERE published_at IS NOT NULL",
      );
      return row?.count;
    };
    await eventually(async () => {
      const [row] = await rowsOf<{ count: bigint }>(
        shop.database("orders"),
        "SELECT count(*) AS count FROM outbox WHERE published_at IS NULL",
      );
      expect(row?.count).toBe(0n);
    });
    const before = await published();
    await shop.stop("nats", "SIGKILL");
    await shop.wipeNats();
    await shop.start("nats");
    await eventually(async () => expect(await shop.streamMessages("orders")).toBe(Number(before)), {
      timeoutMs: 60_000,
    });
    const product = await shop.product(5);
    const again = await shopper.place(product);
    await expectFulfilled(again.body.id, product, shopper);
    await eventually(async () => expect(await shop.mails(shopper.email)).toHaveLength(4), {
      timeoutMs: 30_000,
    });
  }, 180_000);

  it("carrying a poison message: it becomes a dead letter while other messages flow", async () => {
    const connection = await connect(connectOptions("shipping", { natsUrl: [shop.natsUrl("shipping")] }));
    const poison = headers();
    const id = randomUUID();
    poison.set("Nats-Msg-Id", id);
    poison.set("ce-id", id);
    poison.set("ce-type", "shop.shipping.v1.ShipmentPickedUp");
    poison.set("ce-partitionkey", "no-such-order");
    await jetstream(connection).publish("shop.shipping.v1.ShipmentPickedUp", Buffer.from("not a protobuf"), {
      headers: poison,
    });
    await connection.close();
    const product = await shop.product(5);
    const { body } = await shopper.place(product);
    await expectFulfilled(body.id, product);
    await eventually(async () => {
      const letters = await rowsOf<{ consumer: string }>(
        shop.database("orders"),
        "SELECT consumer FROM dead_letters WHERE message_id = $1",
        [id],
      );
      expect(letters).toEqual([{ consumer: "orders-shipping" }]);
    });
  });
});

describe("orders whose rows are locked, one at its checkout and one at the carrier", () => {
  it("delay no other order, and complete after the release without a dead letter", async () => {
    const heldMs = Number(process.env.KONTOR_LOCKED_ORDER_MS ?? 8_000);
    const product = await shop.product(1_000);
    const orders = shop.database("orders");
    const locked: string[] = [];
    const deadLetters = await orders.query("SELECT count(*) FROM dead_letters");
    const over = performance.now() + heldMs;
    const times: number[] = [];
    await orders.transaction(async (tx) => {
      const lock = () =>
        rowsOf<{ stage: string }>(tx, "SELECT stage FROM orders WHERE id = ANY($1) ORDER BY id FOR UPDATE", [locked]);
      const stageOfLast = async () => (await lock()).at(-1)?.stage;
      do {
        const { body } = await shopper.place(product);
        await eventually(async () => expect((await shopper.order(body.id)).trackingNumber).toBeDefined());
        locked.push(body.id);
      } while ((await stageOfLast()) === "completed");
      const atCarrier = locked.at(-1);
      locked.push((await shopper.place(product)).body.id);
      await lock();
      while (performance.now() < over) {
        const began = performance.now();
        const { status, body } = await shopper.place(product);
        expect(status).toBe(201);
        await shopper.until(body.id, "completed");
        times.push(performance.now() - began);
        await lock(); // The server ends sessions that are idle in a transaction.
      }
      const deferred = "SELECT FROM deferred_messages WHERE consumer = 'orders-shipping' AND key = $1";
      await eventually(async () => expect(await orders.query(deferred, [atCarrier])).not.toEqual([]));
    });
    const sorted = times.toSorted((one, other) => one - other);
    console.info(
      `${times.length} other orders, ms to completion: ${[0.5, 0.9, 1].map((q) => Math.round(sorted[Math.ceil(q * sorted.length) - 1] ?? 0))}`,
    );
    for (const id of locked) await shopper.until(id, "completed", 90_000);
    expect(await orders.query("SELECT count(*) FROM dead_letters")).toEqual(deadLetters);
  }, 300_000);
});

describe("a newer version that migrates", () => {
  it("every table twice while this one takes orders disturbs none", async () => {
    const product = await shop.product(10_000);
    const shopper = await shop.shopper();
    const [refused, ids]: [string[], string[]] = [[], []];
    const customers = new AbortController();
    const migrating = migrateEverything().finally(() => customers.abort());
    const buy = async () => {
      while (!customers.signal.aborted) {
        const { status, text, body } = await shopper.place(product);
        if (status === 201) ids.push(body.id);
        else refused.push(`${status} ${text}`);
      }
    };
    await Promise.all([migrating, buy(), buy(), buy(), buy()]);
    expect(refused).toEqual([]);
    expect(ids.length).toBeGreaterThan(10);
    for (const id of ids) await shopper.until(id, "completed", 60_000);
  }, 180_000);
});

/** Gives every table of every service two columns more, one after the other, as rehearsals on a cluster do. */
async function migrateEverything(): Promise<void> {
  for (const column of ["one", "two"]) {
    for (const name of serviceNames) {
      const database = shop.database(name);
      const tables =
        "SELECT tablename AS table FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'";
      for (const { table } of await rowsOf<{ table: string }>(database, tables)) {
        await database.query(`ALTER TABLE "${table}" ADD COLUMN "${column}" text NOT NULL DEFAULT ''`);
        await delay(40);
      }
    }
  }
}
