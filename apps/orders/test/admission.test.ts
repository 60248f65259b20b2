import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { createSagaEngine } from "@kontor/saga";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ordersApp } from "../src/app.ts";
import { createCartStore } from "../src/outbound/cart-store.ts";
import { createAdmission } from "../src/outbound/checkout-admission.ts";
import { createOrderStore } from "../src/outbound/order-store.ts";
import { CHECKOUT, type CheckoutServices, defineCheckouts } from "../src/sagas/checkout.ts";

const postgres = await startPostgres();
const databases: Database[] = [];
let url: string;
beforeAll(async () => {
  ({ url } = await postgres.createDatabase("orders", { owner: true }));
  await migrate({ url, folders: migrationsOf(ordersApp), log: { info: () => undefined } });
});
afterAll(async () => {
  await Promise.all(databases.map((db) => db.close()));
  await postgres.stop();
});

/** The admission of one replica, whose engine does not run. */
function aReplica() {
  const db = openDatabase({ url, service: "test" });
  databases.push(db);
  const log = createLogger({ service: "test", level: "silent" });
  const [orders, carts] = [createOrderStore(db), createCartStore(db, { keepMs: 86_400_000 })];
  const checkouts = defineCheckouts({ orders, carts, now: () => new Date(), deadlineMs: 600_000 });
  const engine = createSagaEngine({ db, log, sagas: checkouts, services: {} as CheckoutServices });
  let clock = 0;
  const admission = createAdmission({
    backlog: () => engine.backlog(CHECKOUT),
    maxWaitMs: 5_000,
    now: () => (clock += 10_000),
  });
  return { db, admission };
}

describe("replicas of orders", () => {
  it("refuse and admit new orders alike, by the age of the oldest checkout in line", async () => {
    const [one, two] = [aReplica(), aReplica()];
    const both = () => Promise.allSettled([one.admission.admit(), two.admission.admit()]);
    const set = (age: string, lease = "NULL") =>
      one.db.query(
        `INSERT INTO sagas (name, id, state, wake_at, lease_until) VALUES ($1, 'oldest', '{}', now() - interval '${age}', ${lease})
         ON CONFLICT (name, id) DO UPDATE SET wake_at = excluded.wake_at, lease_until = excluded.lease_until`,
        [CHECKOUT],
      );
    await set("6 s");
    const refused = { status: "rejected", reason: { reason: "OVERLOADED" } };
    expect(await both()).toMatchObject([refused, refused]);
    await set("1 s");
    expect(await both()).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }]);
    await set("6 s", "now() + interval '10 s'"); // An engine has claimed it: the queue is empty.
    expect(await both()).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }]);
  });
});
