import { writeFileSync } from "node:fs";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { grow } from "./growth/grow.ts";
import { type Latencies, latenciesOf } from "./growth/latencies.ts";
import { forgetScans, scansSince } from "./growth/scans.ts";
import { runLoad } from "./load.ts";
import { settled } from "./settled.ts";
import { type ShopUnderTest, startShopUnderTest } from "./shop-under-test.ts";
import { spread, table } from "./statistics.ts";
import { stockUp } from "./stock-up.ts";

const help = `Latency of a shop with many orders and products, next to that of an empty one.

  npm run bench:growth -- [--orders 1000000] [--products 100000] [--rounds 5] [--requests 40] [--json FILE]

Starts two shops of their own, each as one process. Fills one with copies of its own orders and products, then measures both in turns, one
request at a time: orders placed until accepted and until confirmed, resources read, lists and searches. Prints the medians and their ratio, and
the large tables that were read row by row.
A million orders take 25 GB of disk, and about 20 minutes on two cores.`;

const flags = {
  orders: { type: "string", default: "1000000" },
  products: { type: "string", default: "100000" },
  rounds: { type: "string", default: "5" },
  requests: { type: "string", default: "40" },
  json: { type: "string" },
} as const;

const TEMPLATES = 20;
const OFFSETS = { empty: 3_000, grown: 4_000 };

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const growth = {
    orders: wholeNumber("--orders", values.orders, 1, 100_000_000),
    products: wholeNumber("--products", values.products, 1, 10_000_000),
  };
  const rounds = wholeNumber("--rounds", values.rounds, 1, 1_000);
  const requests = wholeNumber("--requests", values.requests, 1, 10_000);
  const empty = await startShopUnderTest(["--topology", "one"], OFFSETS.empty);
  try {
    const grown = await startShopUnderTest(["--topology", "one"], OFFSETS.grown);
    try {
      const products = await prepared(empty, grown);
      await grow(grown, growth);
      await forgetScans(grown);
      const measured: { empty: Latencies; grown: Latencies }[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const one = {
          empty: await latenciesOf(empty, products, requests),
          grown: await latenciesOf(grown, products, requests),
        };
        measured.push(one);
        console.error(`round ${round} of ${rounds}`);
      }
      console.log(asTable(measured));
      const scans = await scansSince(grown);
      for (const { table: name, scans: count, rowsRead } of scans)
        console.log(`${name} was read row by row: ${count} scans, ${rowsRead} rows`);
      if (values.json)
        writeFileSync(values.json, `${JSON.stringify({ growth, requests, measured, scans }, null, 2)}\n`);
      return 0;
    } finally {
      await grown.stop();
    }
  } finally {
    await empty.stop();
  }
});

/** Gives both shops the products that are bought, and a few orders. Returns the ids of the products. */
async function prepared(...shops: readonly ShopUnderTest[]): Promise<readonly string[]> {
  let products: readonly string[] = [];
  for (const shop of shops) {
    products = await stockUp(shop);
    await runLoad(shop, products, { orders: TEMPLATES, shoppers: 4 });
    await settled(shop);
  }
  return products;
}

/** Lays out the median, least and greatest latency of each operation, and the median of the ratios of the rounds. */
function asTable(measured: readonly { readonly empty: Latencies; readonly grown: Latencies }[]): string {
  const names = Object.keys(measured[0]?.empty ?? {});
  const rows = names.map((name) => {
    const at = (shop: "empty" | "grown") => spread(measured.map((round) => round[shop][name] ?? Number.NaN));
    const ratios = measured.map(({ empty, grown }) => (grown[name] ?? Number.NaN) / (empty[name] ?? Number.NaN));
    const shown = ([median, least, greatest]: [number, number, number]) =>
      `${median.toFixed(1)} (${least.toFixed(1)} to ${greatest.toFixed(1)})`;
    return [name, shown(at("empty")), shown(at("grown")), spread(ratios)[0]];
  });
  return table([["p50, ms", "empty", "grown", "ratio"], ...rows]);
}
