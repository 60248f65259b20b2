import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { total } from "../src/order-cost/cost.ts";
import { measureOrderCost, type OrderCost } from "../src/order-cost/measure.ts";
import { costTable, type figures } from "../src/order-cost/report.ts";
import { COUNTING } from "../src/order-cost/statement-statistics.ts";
import { type ShopUnderTest, startShopUnderTest } from "../src/shop-under-test.ts";
import { stockUp } from "../src/stock-up.ts";

type Limits = Readonly<Partial<Record<(typeof figures)[number], number>>>;

/** What an order may cost. Lower a limit when the figure has fallen; raise it for a reason only. */
const ALONE: Limits = {
  statements: 122,
  transactions: 12,
  writes: 46,
  grpcCalls: 15.5,
  httpCalls: 8.2,
  eventsPublished: 12.5,
  eventsConsumed: 7.5,
};
/** With 32 shoppers, orders share operations. */
const AMONG_32: Limits = {
  statements: 38,
  transactions: 4,
  writes: 15,
  grpcCalls: 10,
  httpCalls: 5.5,
  eventsPublished: 12.5,
  eventsConsumed: 7.5,
};

let shop: ShopUnderTest;
let alone: OrderCost;
let among32: OrderCost;
beforeAll(async () => {
  shop = await startShopUnderTest(COUNTING);
  const products = await stockUp(shop);
  await measureOrderCost(shop, products, { orders: 5, shoppers: 1, idleMs: 100 });
  alone = await measureOrderCost(shop, products, { orders: 20, shoppers: 1, idleMs: 5_000 });
  among32 = await measureOrderCost(shop, products, { orders: 96, shoppers: 32, idleMs: 2_000 });
}, 300_000);
afterAll(() => shop?.stop(), 60_000);

const limitsOf = (limits: Limits) => Object.entries(limits) as [keyof Limits, number][];

describe("an order, from POST to delivered and mailed", () => {
  it.each(limitsOf(ALONE))("costs in %s at most %d, without others next to it", (figure, limit) => {
    expect(total(alone.perOrder[figure]), costTable(alone, true)).toBeLessThanOrEqual(limit);
  });

  it.each(limitsOf(AMONG_32))("costs in %s at most %d, when 32 shoppers order", (figure, limit) => {
    expect(total(among32.perOrder[figure]), costTable(among32, true)).toBeLessThanOrEqual(limit);
  });
});
