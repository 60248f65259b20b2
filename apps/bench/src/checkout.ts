import { setTimeout as delay } from "node:timers/promises";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { serviceNames } from "@kontor/shop";
import { runLoad } from "./load.ts";
import { cpuOf, memoryOf } from "./processes-of.ts";
import { asTable, type Round, summarise } from "./report.ts";
import { databaseUrlOf, type ShopUnderTest, startShopUnderTest } from "./shop-under-test.ts";
import { stockUp } from "./stock-up.ts";
import { countWrites, difference, type Writes } from "./write-counter.ts";
import { runYardstick } from "./yardstick.ts";

const help = `Orders per second, from POST to confirmed, against a raw client that writes as much.

  npm run bench:checkout -- [--rounds 3] [--seconds 15] [--json]

Starts a shop of its own, lets 32 shoppers order, then lets a raw PostgreSQL client do as many transactions, inserts and
updates per order on the same server, and repeats the two in turns. The ratio is what counts; it compares within one run.`;

const flags = {
  rounds: { type: "string", default: "3" },
  seconds: { type: "string", default: "15" },
  json: { type: "boolean", default: false },
} as const;

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const seconds = wholeNumber("--seconds", values.seconds, 1, 3_600);
  await bench(wholeNumber("--rounds", values.rounds, 1, 1_000), seconds * 1_000, values.json);
  return 0;
});

async function bench(rounds: number, durationMs: number, asJson: boolean): Promise<void> {
  console.error("starting a shop …");
  const shop = await startShopUnderTest();
  try {
    const idle = memoryOf(shop.run.pids);
    const products = await stockUp(shop);
    await runLoad(shop, products, { durationMs: Math.min(5_000, durationMs) }); // Warms up; not counted.
    const measured: Round[] = [];
    const cpuBefore = cpuOf(shop.run.pids);
    for (let round = 1; round <= rounds; round += 1) {
      const one = await oneRound(shop, products, durationMs);
      measured.push(one);
      const { load, yardstick, ratio } = one;
      console.error(
        `round ${round}: ${load.perSecond.toFixed(1)} orders/s, raw ${yardstick.toFixed(1)}, ${ratio.toFixed(3)}`,
      );
    }
    const cpu = cpuShares(cpuBefore, cpuOf(shop.run.pids));
    const summary = summarise(measured, cpu, { idle, busy: memoryOf(shop.run.pids) });
    console.log(asJson ? JSON.stringify(summary, null, 2) : asTable(summary));
  } finally {
    await shop.stop();
  }
}

async function oneRound(shop: ShopUnderTest, products: readonly string[], durationMs: number): Promise<Round> {
  const url = databaseUrlOf(shop);
  const databases = serviceNames;
  const before = await countWrites(url, databases);
  const load = await runLoad(shop, products, { durationMs });
  await delay(15_000); // Lets parcels arrive and mails go out, so that the raw client has the machine to itself.
  const writes = difference(await countWrites(url, databases), before);
  const perOrder = per(writes, load.confirmed);
  const yardstick = await runYardstick(url("postgres"), perOrder, durationMs / 2);
  return { load, yardstick, perOrder, ratio: load.perSecond / yardstick };
}

function per({ transactions, inserts, updates, walBytes }: Writes, orders: number): Writes {
  const each = (value: number) => value / orders;
  return { transactions: each(transactions), inserts: each(inserts), updates: each(updates), walBytes: each(walBytes) };
}

function cpuShares(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, ticks]) => [name, ticks - (before[name] ?? 0)]));
}
