import { setTimeout as delay } from "node:timers/promises";
import { serviceNames } from "@kontor/shop";
import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violationsOf } from "./invariants.ts";
import { type KeyHistory, placeUntilAnswered } from "./order-history.ts";
import { replicaName } from "./replicas.ts";
import { type Shop, type Shopper, startShop } from "./shop.ts";
import { staffAtWork } from "./staff-at-work.ts";

/** How often all faults are run. */
const rounds = Number(process.env.KONTOR_REPLICA_ROUNDS ?? 1);
const CLIENTS = 3;
const cards = ["card", "tok_declined", "tok_timeout_after_success", "tok_slow", "tok_capture_fails_once", "card"];

let shop: Shop;
let shopper: Shopper;
beforeAll(async () => {
  shop = await startShop({ "carrier-simulator": { STEP_MS: "200", PICKUP_MS: "200" } }, { replicas: 2 });
  shopper = await shop.shopper();
}, 180_000);
afterAll(() => shop?.stopAll(), 60_000);

const faults: Record<string, () => Promise<unknown>> = {
  "orders killed": () => shop.restart("orders-2"),
  "the first orders killed": () => shop.restart("orders"),
  "inventory frozen for 4 s": () => frozen("inventory-2", 4_000),
  "payments killed": () => shop.restart("payments"),
  "NATS killed": async () => {
    await shop.stop("nats", "SIGKILL");
    await shop.start("nats");
  },
  "orders frozen for longer than its leases": () => frozen("orders-2", 9_000),
  "shipping and notifications killed": () =>
    Promise.all(["shipping", "notifications-2"].map((name) => shop.restart(name))),
  "NATS wiped": async () => {
    await shop.stop("nats", "SIGKILL");
    await shop.wipeNats();
    await shop.start("nats");
  },
  "PostgreSQL killed": async () => {
    await shop.stop("postgres", "SIGQUIT");
    await shop.start("postgres");
  },
  "users and catalog killed": () => Promise.all(["users-2", "catalog"].map((name) => shop.restart(name))),
};

async function frozen(name: string, ms: number): Promise<void> {
  shop.signal(name, "SIGSTOP");
  await delay(ms);
  shop.signal(name, "SIGCONT");
}

describe("two replicas of each service", () => {
  it("both serve requests", async () => {
    const ready = await Promise.all(
      serviceNames.flatMap((name) => [1, 2].map((number) => shop.isReady(replicaName(name, number)))),
    );
    expect(ready).not.toContain(false);
  });

  it(
    "give each key one outcome, lose no order, charge, refund and book once and sell no unit twice while they are killed and frozen",
    async () => {
      const [plenty, scarce] = [await shop.product(100_000), await shop.product(rounds * 10)];
      const staff = await staffAtWork(shop, shopper);
      const history: KeyHistory[] = [];
      const over = new AbortController();
      const buy = async (_: unknown, client: number) => {
        for (let n = client; !over.signal.aborted; n += 1) {
          const paymentMethod = cards[n % cards.length];
          const product = n % 4 === 0 ? scarce : plenty;
          const placed = await placeUntilAnswered(shopper, product, { paymentMethod }, { copies: n % 3 === 0 ? 2 : 1 });
          history.push(placed);
          const id = placed.answers[0]?.startsWith("201 ") ? placed.answers[0].slice(4) : undefined;
          if (id !== undefined && n % 5 === 0)
            await shopper.request("POST", `/api/v1/orders/${id}:cancel`, {}).catch(() => undefined);
        }
      };
      const clients = [...Array.from({ length: CLIENTS }, buy), staff.work(over.signal)];
      for (let round = 0; round < rounds; round += 1) for (const fault of Object.values(faults)) await fault();
      over.abort();
      await Promise.all(clients);

      const accepted = history.filter(({ answers }) => answers[0]?.startsWith("201"));
      expect(accepted.length).toBeGreaterThan(10);
      await eventually(async () => expect(await violationsOf(shop, history)).toEqual([]), {
        timeoutMs: 120_000,
        intervalMs: 2_000,
      });
      expect(await staff.violations()).toEqual([]);
      expect(staff.history.length).toBeGreaterThan(10);
      expect(await tampering(accepted)).toEqual([]);
      console.info(`${history.length} keys, ${accepted.length} orders, ${rounds * Object.keys(faults).length} faults`);
    },
    200_000 + rounds * 60_000,
  );
});

/** Breaks invariants one by one in the databases, and returns those breaks that the checker does not find. */
async function tampering(history: readonly KeyHistory[]): Promise<string[]> {
  const breaks: [database: "orders" | "inventory" | "notifications", sql: string][] = [
    [
      "orders",
      "UPDATE orders SET refunded = refunded + 1 WHERE id = (SELECT min(id) FROM orders WHERE stage = 'completed')",
    ],
    ["orders", "UPDATE orders SET version = version + 1 WHERE id = (SELECT min(id) FROM orders)"],
    ["orders", "UPDATE orders SET stage = 'shipped' WHERE id = (SELECT max(id) FROM orders WHERE stage = 'completed')"],
    ["orders", "DELETE FROM idempotency_claims WHERE result = (SELECT min(id) FROM orders)"],
    ["orders", "DELETE FROM outbox WHERE id = (SELECT id FROM outbox WHERE type LIKE '%Shipped' LIMIT 1)"],
    [
      "notifications",
      "DELETE FROM inbox WHERE message_id = (SELECT message_id FROM inbox WHERE consumer = 'notifications-users' LIMIT 1)",
    ],
    ["inventory", "UPDATE skus SET available = available + 1 WHERE sku = (SELECT min(sku) FROM skus)"],
    [
      "inventory",
      // A reservation that was released before it was made has no expiry, which a committed one must have.
      "UPDATE reservations SET status = 'committed', expires_at = coalesce(expires_at, now()) WHERE status = 'released'",
    ],
  ];
  const missed: string[] = [];
  let before = 0;
  for (const [database, sql] of breaks) {
    await shop.database(database).query(sql);
    const { length } = await violationsOf(shop, history);
    if (length <= before) missed.push(sql);
    before = length;
  }
  return missed;
}
