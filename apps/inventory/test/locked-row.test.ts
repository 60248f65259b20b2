import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { openDatabase } from "@kontor/postgres";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anOrder, reasonOf, type Shop, startShop } from "./shop.ts";

/** How long the row is locked. The figures of the decision were measured with 12 s. */
const LOCKED_MS = Number(process.env.KONTOR_LOCKED_MS ?? 2_000);
const EVERY_MS = 25;

describe("while one stock row is locked", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(async () => {
    expect(await shop.unbalanced()).toEqual([]);
    await shop.stop();
  });

  /** Holds locks until the returned function is called. */
  async function lock(sql: string, values: readonly string[]): Promise<() => Promise<void>> {
    const db = openDatabase({ url: shop.url, service: "locker", max: 1 });
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: locked, resolve: hold } = Promise.withResolvers<void>();
    const transaction = db.transaction(async (tx) => {
      await tx.query("SET LOCAL idle_in_transaction_session_timeout = 0");
      await tx.query(sql, values);
      hold();
      await released;
    });
    await Promise.race([locked, transaction]);
    return async () => {
      release();
      await transaction;
      await db.close();
    };
  }
  const lockSku = (sku: string) => lock("SELECT FROM skus WHERE sku = $1 FOR UPDATE", [sku]);

  /** Reserves one unit and tries again while that fails, as a saga does. Returns the milliseconds it took. */
  async function reserve(...skus: readonly string[]): Promise<number> {
    const order = anOrder(...skus.map((sku) => ({ sku, quantity: 1 })));
    const startedAt = performance.now();
    for (let reason: unknown = ""; reason !== "none"; ) {
      reason = await reasonOf(shop.orders.reserveStock(order));
      if (reason !== "none") await delay(200);
    }
    return performance.now() - startedAt;
  }

  it("reservations of other SKUs do not wait for it, and after its release nothing is left over", async () => {
    const [locked, ...others] = await Promise.all([1, 2, 3, 4, 5].map(() => shop.sku({ A: 10_000 })));
    const release = await lockSku(locked ?? "");
    const blocked: Promise<number>[] = [];
    const free: Promise<number>[] = [];
    const endsAt = performance.now() + LOCKED_MS;
    for (let n = 0; performance.now() < endsAt; n++) {
      free.push(reserve(others[n % 4] ?? ""));
      if (n % 4 === 0) blocked.push(reserve(locked ?? ""));
      if (n % 8 === 0) blocked.push(reserve(locked ?? "", others[n % 4] ?? ""));
      await delay(EVERY_MS);
    }
    const doneMeanwhile = await Promise.race([Promise.all(free).then(() => true), delay(5_000).then(() => false)]);
    await release();
    const releasedAt = performance.now();
    const waits = (await Promise.all(free)).sort((a, b) => a - b);
    await Promise.all(blocked);
    const overMs = performance.now() - releasedAt;
    const quantile = (share: number) => Math.round(waits[Math.floor((waits.length - 1) * share)] ?? 0);
    const figures = { lockedMs: LOCKED_MS, others: waits.length, medianMs: quantile(0.5), p90Ms: quantile(0.9) };
    process.stdout.write(`${JSON.stringify({ ...figures, worstMs: quantile(1), overAfterMs: Math.round(overMs) })}\n`);
    expect(doneMeanwhile).toBe(true);
    expect(quantile(0.5)).toBeLessThan(LOCKED_MS / 8);
    expect(overMs).toBeLessThan(5_000);
  }, 120_000);

  it("a reservation of it is refused as busy, well before its caller's deadline, with a time to retry", async () => {
    const sku = await shop.sku({ A: 5 });
    const order = anOrder({ sku, quantity: 1 });
    const release = await lockSku(sku);
    const startedAt = performance.now();
    await expect(shop.orders.reserveStock(order)).rejects.toMatchObject({
      code: "ABORTED",
      reason: "STOCK_BUSY",
      metadata: { key: `sku:${sku}` },
      retryAfterMs: 500,
    });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await release();
    expect(await reasonOf(shop.orders.reserveStock(order))).toBe("none");
  });

  it("a batch returns all but the reservation of it, which is then made by itself", async () => {
    const [locked, free, empty] = await Promise.all([5, 5, 0].map((units) => shop.sku({ A: units })));
    const requests = [locked, free, empty].map((sku = "") => anOrder({ sku, quantity: 1 }));
    const release = await lockSku(locked ?? "");
    const { results } = await shop.orders.batchReserveStock({ requests });
    expect(results.map(({ outcome }) => outcome.case)).toEqual([undefined, "reservation", "error"]);
    expect(results[2]?.outcome.value).toMatchObject({ code: 9, message: expect.stringContaining(empty ?? "") });
    await release();
    const [late = anOrder(), done = anOrder()] = requests;
    expect(await reasonOf(shop.orders.reserveStock(late))).toBe("none");
    const commits = [late, done].map(({ orderId }) => ({ orderId }));
    for (const _ of [1, 2]) {
      const committed = await shop.orders.batchCommitReservations({ requests: [...commits, { orderId: "unknown" }] });
      expect(committed.results.map(({ outcome }) => outcome.case)).toEqual(["reservation", "reservation", "error"]);
    }
  });

  it.each([
    ["reservation", "SELECT FROM reservations WHERE order_id = $2 FOR UPDATE"],
    ["stock", "SELECT FROM skus WHERE sku = $1 FOR UPDATE"],
    ["level", "SELECT FROM stock_levels WHERE sku = $1 FOR UPDATE"],
  ])(
    "later changes of its reservation are busy, and those of others succeed, if the locked row is of its %s",
    async (_, sql) => {
      const [locked, other] = [await shop.sku({ A: 9 }), await shop.sku({ A: 9 })];
      const orders = [locked, other, locked, other].map((sku) => anOrder({ sku, quantity: 1 }));
      const [mine = anOrder(), others = anOrder(), again = anOrder(), more = anOrder()] = orders;
      for (const order of orders) await shop.orders.reserveStock(order);
      const release = await lock(`${sql.replace("$2", `'${mine.orderId}'`)}`, sql.includes("$1") ? [locked] : []);
      const reasons = await Promise.all(
        [
          shop.orders.commitReservation(mine),
          shop.orders.commitReservation(others),
          shop.orders.releaseReservation(more),
        ].map(reasonOf),
      );
      expect(reasons).toEqual(["STOCK_BUSY", "none", "none"]);
      await release();
      expect(await reasonOf(shop.orders.commitReservation(mine))).toBe("none");
      expect(await reasonOf(shop.orders.releaseReservation(again))).toBe("none");
    },
  );

  it("changes of other SKUs are published, and its own after its release", async () => {
    const [locked, other] = [await shop.sku({ A: 1 }), await shop.sku({ A: 1 })];
    const published = async (sku: string) => (await shop.events(sku)).length;
    await eventually(async () => expect(await published(locked)).toBeGreaterThan(0));
    const before = { locked: await published(locked), other: await published(other) };
    await shop.db.query("UPDATE skus SET announced = false WHERE sku = $1", [locked]);
    const release = await lockSku(locked);
    const known = await published(locked);
    await shop.orders.reserveStock(anOrder({ sku: other, quantity: 1 }));
    await eventually(async () => expect(await published(other)).toBeGreaterThan(before.other));
    expect(await published(locked)).toBe(known);
    await release();
    await eventually(async () => expect(await published(locked)).toBeGreaterThan(before.locked));
  });

  it("deliveries of other SKUs are booked, and one of it is busy and can be repeated", async () => {
    const [locked, other] = [await shop.sku({ A: 1 }), await shop.sku({ A: 1 })];
    const staff = shop.user("inventory.write");
    const delivery = (sku: string) => ({ sku, locationId: "A", quantity: 1, reason: "", reference: randomUUID() });
    const release = await lockSku(locked);
    const mine = delivery(locked);
    const many = Array.from({ length: 20 }, () => reasonOf(shop.orders.restock(delivery(locked), staff)));
    const blocked = reasonOf(shop.orders.restock(mine, { ...staff, timeoutMs: 30_000 }));
    expect(await reasonOf(shop.orders.restock(delivery(other), staff))).toBe("none");
    expect(await reasonOf(shop.orders.checkAvailability({ skus: [other] }))).toBe("none");
    await release();
    await Promise.all(many);
    if ((await blocked) !== "none") expect(await blocked).toBe("STOCK_BUSY");
    expect(await reasonOf(shop.orders.restock(mine, staff))).toBe("none");
  });
});

describe("while the stock row of an overdue reservation is locked", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop({ reservationTtlMs: 200 });
  });
  afterAll(() => shop.stop());

  it("other reservations expire, and it does after the release", async () => {
    const [locked, other] = [await shop.sku({ A: 200 }), await shop.sku({ A: 1 })];
    const db = openDatabase({ url: shop.url, service: "locker", max: 1 });
    const held = Array.from({ length: 120 }, () => anOrder({ sku: locked, quantity: 1 }));
    await db.transaction(async (tx) => {
      await Promise.all(held.map((order) => shop.orders.reserveStock(order)));
      await tx.query("SELECT FROM skus WHERE sku = $1 FOR UPDATE", [locked]);
      await shop.orders.reserveStock(anOrder({ sku: other, quantity: 1 }));
      await eventually(async () => expect((await stockOf(other))?.available).toBe(1));
    });
    await eventually(async () => expect(await stockOf(locked)).toMatchObject({ available: 200, held: 0 }));
    await db.close();
    expect(await shop.unbalanced()).toEqual([]);
  });

  const stockOf = async (sku: string) => {
    const [row] = await rowsOf<{ available: number; held: number }>(
      shop.db,
      "SELECT available::int, held::int FROM skus WHERE sku = $1",
      [sku],
    );
    return row;
  };
});
