import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { orderFates } from "./order-fates.ts";
import { type Pressure, press } from "./pressure.ts";
import { cpuBetween, cpuOf } from "./processes-of.ts";
import { type ShopUnderTest, startShopUnderTest } from "./shop-under-test.ts";
import { percentile, table } from "./statistics.ts";
import { stockUp } from "./stock-up.ts";

const help = `Measures a shop under more orders than it can fulfil.

  npm run bench:overload -- [--clients 4,16,40,200] [--seconds 20] [--drain 60] [--impatient] [--json]

Starts a shop of its own. At each level that many clients place orders without waiting for their confirmation; a refused client waits for Retry-After, or not at all with --impatient. Then the level drains, for up to --drain seconds.`;

const flags = {
  clients: { type: "string", default: "4,16,40,200" },
  seconds: { type: "string", default: "20" },
  drain: { type: "string", default: "60" },
  impatient: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

type Options = { durationMs: number; drainMs: number; patient: boolean; asJson: boolean };

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  await bench(
    values.clients.split(",").map((text) => wholeNumber("--clients", text, 1, 10_000)),
    {
      durationMs: wholeNumber("--seconds", values.seconds, 1, 3_600) * 1_000,
      drainMs: wholeNumber("--drain", values.drain, 0, 3_600) * 1_000,
      patient: !values.impatient,
      asJson: values.json,
    },
  );
  return 0;
});

async function bench(levels: readonly number[], options: Options): Promise<void> {
  console.error("starting a shop …");
  const shop = await startShopUnderTest();
  const fates = orderFates(shop.run.databases.orders ?? "");
  try {
    const products = await stockUp(shop);
    await measure(shop, fates, products, 2, { ...options, durationMs: 5_000 }); // Warms up; not counted.
    const measured = [];
    for (const clients of levels) {
      const level = await measure(shop, fates, products, clients, options);
      console.error(JSON.stringify(level));
      measured.push(level);
    }
    console.log(options.asJson ? JSON.stringify(measured, null, 2) : asTable(measured));
  } finally {
    await fates.close();
    await shop.stop();
  }
}

type Level = Awaited<ReturnType<typeof measure>>;

async function measure(
  shop: ShopUnderTest,
  fates: ReturnType<typeof orderFates>,
  products: readonly string[],
  clients: number,
  { durationMs, drainMs, patient }: Options,
) {
  const began = Date.now();
  const cpuBefore = cpuOf(shop.run.pids);
  const pressure = await press(shop, products, { clients, durationMs, patient });
  const ended = Date.now();
  const cpu = cpuBetween(cpuBefore, cpuOf(shop.run.pids));
  const drainedMs = await fates.drained(began, drainMs);
  const { waits, firstSteps, confirmedUnderLoad, ...fate } = await fates.since(began, ended);
  return {
    clients,
    ...rates(pressure),
    confirmedPerSecond: confirmedUnderLoad / pressure.seconds,
    confirmedPerCpuSecond: (confirmedUnderLoad / sum(Object.values(cpu))) * 1_000,
    cpuMs: cpu,
    ...fate,
    drainedSeconds: drainedMs / 1_000,
    firstStepMs: summary(firstSteps),
    waitMs: summary(waits),
  };
}

function rates({ seconds, statuses, acceptedMs, refusedMs }: Pressure) {
  return {
    acceptedPerSecond: acceptedMs.length / seconds,
    refusedPerSecond: refusedMs.length / seconds,
    statuses,
    acceptedMs: summary(acceptedMs),
    refusedMs: summary(refusedMs),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function summary(values: readonly number[]) {
  const of = (percent: number) => Math.round(percentile(values, percent));
  return { p50: of(50), p99: of(99), max: of(100) };
}

function asTable(levels: readonly Level[]): string {
  const seconds = ({ p50, p99, max }: Level["waitMs"]) =>
    [p50, p99, max].map((ms) => (ms / 1_000).toFixed(1)).join(" / ");
  return table([
    [
      "clients",
      "201/s",
      "503 and other/s",
      "refused p99 ms",
      "confirmed/s",
      "confirmed per CPU s",
      "rejected",
      "unfinished",
      "drained s",
      "wait s p50/p99/max",
    ],
    ...levels.map((level) => [
      String(level.clients),
      level.acceptedPerSecond,
      level.refusedPerSecond,
      level.refusedMs.p99,
      level.confirmedPerSecond,
      level.confirmedPerCpuSecond,
      sum(Object.values(level.rejected)),
      level.unfinished,
      level.drainedSeconds,
      seconds(level.waitMs),
    ]),
  ]);
}
