import { createRowQueue, type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { eventually, rowsOf, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { cancelOrder } from "../src/commands/cancel-order.ts";
import { anOrder } from "../src/domain/fixtures.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import type { Orders, Sagas } from "../src/ports.ts";

const postgres = await startPostgres();
let db: Database;
let locker: Database;
let orders: Orders;
beforeAll(async () => {
  const { url } = await postgres.createDatabase("orders", { owner: true });
  await migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } });
  db = openDatabase({ url, service: "test" });
  locker = openDatabase({ url, service: "locker" });
  orders = createOrderStore(db);
});
afterAll(async () => {
  await Promise.all([db.close(), locker.close()]);
  await postgres.stop();
});

/** A checkout that can always be aborted. */
const sagas = { abortCheckout: async () => true } as unknown as Sagas;

async function waitingForLocks(): Promise<number> {
  const [row] = await rowsOf<{ count: bigint }>(
    locker,
    "SELECT count(*) AS count FROM pg_stat_activity WHERE application_name = 'test' AND wait_event_type = 'Lock'",
  );
  return Number(row?.count);
}

describe("calls for an order whose row is locked", () => {
  it("share one connection, so that calls for other orders are served", async () => {
    const [locked, free] = [
      { ...anOrder(), orderId: "locked" },
      { ...anOrder(), orderId: "free" },
    ];
    await db.transaction((tx) => orders.place(tx, locked));
    await db.transaction((tx) => orders.place(tx, free));
    const cancel = cancelOrder({ db, orders, sagas, now: () => new Date(), queue: createRowQueue() });
    const [holding, unlock] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lock = locker.transaction(async (tx) => {
      await tx.query("SELECT FROM orders WHERE id = 'locked' FOR UPDATE");
      holding.resolve();
      await unlock.promise;
    });
    await holding.promise;
    const impatient = new AbortController();
    const waiting = Array.from({ length: 50 }, (_, index) =>
      cancel({ order: locked, by: locked.userId, reason: "", ...(index >= 10 && { signal: impatient.signal }) }).catch(
        (error: Error & { reason?: string }) => error.reason ?? error.name,
      ),
    );
    await eventually(async () => expect(await waitingForLocks()).toBe(1));
    await expect(cancel({ order: free, by: free.userId, reason: "" })).resolves.toMatchObject({ cancelling: true });
    expect(await waitingForLocks()).toBe(1);

    impatient.abort();
    unlock.resolve();
    await lock;
    const outcomes = await Promise.all(waiting);
    expect(outcomes.filter((outcome) => outcome === "AbortError")).toHaveLength(40);
    expect(outcomes.slice(0, 10).every((outcome) => typeof outcome === "object" || outcome === "LOCK_TIMEOUT")).toBe(
      true,
    );
    const requested = (await orders.history("locked")).filter(({ type }) => type === "cancellation-requested");
    expect(requested).toHaveLength(1);
  });
});
