import { setTimeout as delay } from "node:timers/promises";
import { runLoad } from "../load.ts";
import { cpuOf } from "../processes-of.ts";
import { settled } from "../settled.ts";
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

/** The cost of an order, and the shop's work per second without orders. */
export interface OrderCost {
  readonly perOrder: Cost;
  readonly idlePerSecond: Cost;
}

/**
 * Measures the cost of an order for the whole shop until it is delivered and its mails are sent. The shop's work without orders is
 * subtracted.
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
    writes: await countWrites(databaseUrlOf(shop)("postgres")),
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
