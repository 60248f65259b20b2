import { setTimeout as delay } from "node:timers/promises";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { runLeastOrders } from "./least-order.ts";
import { runLoad } from "./load.ts";
import { cpuBetween, cpuOf, memoryOf } from "./processes-of.ts";
import { asTable, type Round, summarise } from "./report.ts";
import { settled } from "./settled.ts";
import { databaseUrlOf, type ShopUnderTest, startShopUnderTest } from "./shop-under-test.ts";
import { stockUp } from "./stock-up.ts";
import { countWrites } from "./write-counter.ts";

const help = `Orders per second, from POST to confirmed, next to the least that an order must leave.

  npm run bench:checkout -- [--rounds 5] [--seconds 8] [--shoppers 64] [--topology many] [--json]

Starts a shop of its own and repeats in turns: shoppers who order twenty products, shoppers who all order one, one shopper alone, and a raw
PostgreSQL client that writes by one statement the least an order must leave. Figures compare within one run.`;

const flags = {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "8" },
  shoppers: { type: "string", default: "64" },
  topology: { type: "string", default: "many" },
  json: { type: "boolean", default: false },
} as const;

const IDLE_SECONDS = 5;

interface Terms {
  readonly rounds: number;
  readonly durationMs: number;
  readonly shoppers: number;
}

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const terms = {
    rounds: wholeNumber("--rounds", values.rounds, 1, 1_000),
    durationMs: wholeNumber("--seconds", values.seconds, 1, 3_600) * 1_000,
    shoppers: wholeNumber("--shoppers", values.shoppers, 1, 1_000),
  };
  console.error("starting a shop …");
  const shop = await startShopUnderTest(["--topology", values.topology]);
  try {
    const summary = await bench(shop, terms);
    console.log(values.json ? JSON.stringify(summary, null, 2) : asTable(summary));
    return 0;
  } finally {
    await shop.stop();
  }
});

async function bench(shop: ShopUnderTest, { rounds, durationMs, shoppers }: Terms) {
  const products = await stockUp(shop);
  await runLoad(shop, products, { durationMs: Math.min(5_000, durationMs), shoppers }); // Warms up; not counted.
  await settled(shop);
  const idle = { memory: memoryOf(shop.run.pids), cpuMsPerSecond: await idleCpu(shop) };
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const one = await oneRound(shop, products, { durationMs, shoppers });
    measured.push(one);
    const { spread, hot, least } = one;
    console.error(
      `round ${round}: ${spread.perSecond.toFixed(1)} orders/s, of one product ${hot.perSecond.toFixed(1)}, least ${least.toFixed(0)}`,
    );
  }
  return summarise(measured, idle, memoryOf(shop.run.pids));
}

async function oneRound(
  shop: ShopUnderTest,
  products: readonly string[],
  { durationMs, shoppers }: Omit<Terms, "rounds">,
): Promise<Round> {
  const before = { writes: await countWrites(databaseUrlOf(shop)("postgres")), cpu: cpuOf(shop.run.pids) };
  const began = performance.now();
  const spread = await runLoad(shop, products, { durationMs, shoppers });
  await settled(shop);
  const seconds = (performance.now() - began) / 1_000;
  const cpu = cpuBetween(before.cpu, cpuOf(shop.run.pids));
  const after = await countWrites(databaseUrlOf(shop)("postgres"));
  const writes = {
    transactions: after.transactions - before.writes.transactions,
    walBytes: after.walBytes - before.writes.walBytes,
  };
  const hot = await runLoad(shop, products.slice(0, 1), { durationMs, shoppers });
  await settled(shop);
  const alone = await runLoad(shop, products, { durationMs, shoppers: 1 });
  await settled(shop);
  const least = await runLeastOrders(databaseUrlOf(shop)("postgres"), durationMs / 2);
  return { spread, hot, alone, least, seconds, cpu, writes };
}

/** Returns the milliseconds of CPU that each process uses in a second without orders. */
async function idleCpu(shop: ShopUnderTest): Promise<Record<string, number>> {
  const before = cpuOf(shop.run.pids);
  await delay(IDLE_SECONDS * 1_000);
  const spent = cpuBetween(before, cpuOf(shop.run.pids));
  return Object.fromEntries(Object.entries(spent).map(([name, ms]) => [name, ms / IDLE_SECONDS]));
}
