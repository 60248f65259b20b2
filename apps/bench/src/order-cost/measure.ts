import { setTimeout as delay } from "node:timers/promises";
import { serviceNames } from "@kontor/shop";
import pg from "pg";
import { runLoad } from "../load.ts";
import { cpuOf } from "../processes-of.ts";
import { databaseUrlOf, type ShopUnderTest } from "../shop-under-test.ts";
import { countWrites } from "../write-counter.ts";
import { type Cost, costBetween, type Reading, scaled, subtract } from "./cost.ts";
import { readCounters } from "./counters.ts";
import { openStatementStatistics, type StatementStatistics } from "./statement-statistics.ts";

/** How many orders are placed. */
export interface Terms {
  readonly orders: number;
  /** How many shoppers place them side by side. */
  readonly shoppers: number;
  /** How long the shop is watched without orders. */
  readonly idleMs: number;
}

/** What an order costs, and what the shop does per second without orders. */
export interface OrderCost {
  readonly perOrder: Cost;
  readonly idlePerSecond: Cost;
}

const SETTLED_WITHIN_MS = 120_000;

/**
 * Measures what an order costs the whole shop until it is delivered and its mails are sent. What the shop does without orders in
 * the same time does not count.
 */
export async function measureOrderCost(
  shop: ShopUnderTest,
  products: readonly string[],
  { orders, shoppers, idleMs }: Terms,
): Promise<OrderCost> {
  const statistics = await openStatementStatistics(databaseUrlOf(shop)("postgres"));
  try {
    await settled(shop);
    const idle = await during(shop, statistics, () => delay(idleMs));
    const busy = await during(shop, statistics, async () => {
      await runLoad(shop, products, { orders, shoppers });
      await settled(shop);
    });
    const idlePerSecond = scaled(idle.cost, 1 / idle.seconds);
    const perOrder = scaled(subtract(busy.cost, scaled(idlePerSecond, busy.seconds)), 1 / orders);
    return { perOrder, idlePerSecond };
  } finally {
    await statistics.close();
  }
}

async function during(shop: ShopUnderTest, statistics: StatementStatistics, work: () => Promise<unknown>) {
  const read = async (): Promise<Omit<Reading, "counters">> => ({
    statements: await statistics.read(),
    writes: await countWrites(databaseUrlOf(shop), []),
    cpu: cpuOf(shop.run.pids),
  });
  // A scrape reads tables: it comes before the first reading of statements, and after the last.
  const counters = await readCounters(shop.run.metrics);
  const before = { counters, ...(await read()) };
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const reading = await read();
  const after = { counters: await readCounters(shop.run.metrics), ...reading };
  return { seconds, cost: costBetween(before, after) };
}

const UNFINISHED: Readonly<Record<string, string>> = {
  orders: "SELECT count(*)::int AS n FROM orders WHERE stage IN ('placed', 'confirmed', 'shipped')",
  notifications: "SELECT count(*)::int AS n FROM notifications WHERE status = 'queued'",
};
const UNSENT = "SELECT count(*)::int AS n FROM outbox WHERE published_at IS NULL";
/** Notices of events that were just published are taken within this time. */
const QUIET_MS = 1_500;

/** Resolves when all orders are delivered, all events published and all mails sent. */
async function settled(shop: ShopUnderTest): Promise<void> {
  const clients = serviceNames.map((name) => ({
    name,
    client: new pg.Client({ connectionString: databaseUrlOf(shop)(name) }),
  }));
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  try {
    await Promise.all(clients.map(({ client }) => client.connect()));
    for (let quietSince = performance.now(); performance.now() - quietSince < QUIET_MS; await delay(100)) {
      const counts = await Promise.all(
        clients.flatMap(({ name, client }) =>
          [UNSENT, UNFINISHED[name]].map(async (text) =>
            text === undefined ? 0 : Number((await client.query<{ n: number }>(text)).rows[0]?.n),
          ),
        ),
      );
      if (counts.some((count) => count > 0)) quietSince = performance.now();
      if (performance.now() > deadline) throw new Error("Orders, events or mails are still open.");
    }
  } finally {
    await Promise.all(clients.map(({ client }) => client.end()));
  }
}
