import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { total } from "../src/order-cost/cost.ts";
import { measureOrderCost, type OrderCost } from "../src/order-cost/measure.ts";
import { costTable, type figures } from "../src/order-cost/report.ts";
import { COUNTING } from "../src/order-cost/statement-statistics.ts";
import { type ShopUnderTest, startShopUnderTest } from "../src/shop-under-test.ts";
import { stockUp } from "../src/stock-up.ts";

/**
 * The limits of an order's cost while no other order shares its operations. Lower a limit when the figure has fallen; raise it for a reason
 * only.
 */
const LIMITS: Readonly<Partial<Record<(typeof figures)[number], number>>> = {
  statements: 145,
  transactions: 15,
  writes: 52,
  grpcCalls: 16,
  httpCalls: 8.5,
  eventsPublished: 13,
  eventsConsumed: 8,
};

let shop: ShopUnderTest;
let cost: OrderCost;
beforeAll(async () => {
  shop = await startShopUnderTest(COUNTING);
  const products = await stockUp(shop);
  await measureOrderCost(shop, products, { orders: 5, shoppers: 1, idleMs: 100 });
  cost = await measureOrderCost(shop, products, { orders: 20, shoppers: 1, idleMs: 5_000 });
}, 300_000);
afterAll(() => shop?.stop(), 60_000);

describe("an order, from POST to delivered and mailed, without others next to it", () => {
  it.each(Object.entries(LIMITS) as [keyof typeof LIMITS, number][])("costs in %s at most %d", (figure, limit) => {
    expect(total(cost.perOrder[figure]), costTable(cost, true)).toBeLessThanOrEqual(limit);
  });
});
