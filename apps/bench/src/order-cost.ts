import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { measureOrderCost } from "./order-cost/measure.ts";
import { costTable } from "./order-cost/report.ts";
import { COUNTING } from "./order-cost/statement-statistics.ts";
import { startShopUnderTest } from "./shop-under-test.ts";
import { stockUp } from "./stock-up.ts";

const help = `Measures the cost of an order for the whole shop: statements, transactions, calls, events and CPU, from POST to delivered and mailed.

  npm run bench:order-cost -- [--orders 50] [--shoppers 1] [--idle 10] [--topology many] [--statements] [--json]

Starts a shop of its own, counts the work without orders for --idle seconds, then places orders. The work without orders is subtracted. With one shopper, no two orders share an operation. --statements lists every statement.`;

const flags = {
  orders: { type: "string", default: "50" },
  shoppers: { type: "string", default: "1" },
  idle: { type: "string", default: "10" },
  topology: { type: "string", default: "many" },
  statements: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const terms = {
    orders: wholeNumber("--orders", values.orders, 1, 100_000),
    shoppers: wholeNumber("--shoppers", values.shoppers, 1, 1_000),
    idleMs: wholeNumber("--idle", values.idle, 1, 3_600) * 1_000,
  };
  console.error("starting a shop …");
  const shop = await startShopUnderTest([...COUNTING, "--topology", values.topology]);
  try {
    const products = await stockUp(shop);
    await measureOrderCost(shop, products, { orders: 20, shoppers: terms.shoppers, idleMs: 100 }); // Warms up.
    const cost = await measureOrderCost(shop, products, terms);
    console.log(values.json ? JSON.stringify(cost, null, 2) : costTable(cost, values.statements));
    return 0;
  } finally {
    await shop.stop();
  }
});
