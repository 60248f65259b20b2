import type { Load } from "./load.ts";
import type { memoryOf } from "./processes-of.ts";
import { percentile, spread, table } from "./statistics.ts";
import type { Writes } from "./write-counter.ts";

/** One turn of each load. */
export interface Round {
  /** Many shoppers, many products. */
  readonly spread: Load;
  /** As many shoppers, one product. */
  readonly hot: Load;
  /** One shopper. */
  readonly alone: Load;
  /** Orders per second of the raw client that leaves the least. */
  readonly least: number;
  /** From the first order of the spread load until all are delivered and mailed; CPU and writes are of this time. */
  readonly seconds: number;
  /** Milliseconds by process. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly writes: Writes;
}

type Memory = ReturnType<typeof memoryOf>;

interface Idle {
  readonly memory: Memory;
  readonly cpuMsPerSecond: Readonly<Record<string, number>>;
}

/** The measurements: rates as [median, minimum, maximum] of the rounds, times in milliseconds. */
export type Summary = ReturnType<typeof summarise>;

/** Processes that simulate external systems: their use is no cost of the shop. */
const EXTERNAL = new Set(["psp-simulator", "carrier-simulator", "mail-sink", "simulators"]);

/** Returns the figures of all rounds. CPU is that of orders, deliveries and mails included, without what an idle shop uses. */
export function summarise(rounds: readonly Round[], idle: Idle, busyMemory: Memory) {
  const of = (value: (round: Round) => number) => spread(rounds.map(value));
  const times = (load: (round: Round) => Load) => {
    const all = rounds.flatMap((round) => load(round).toConfirmed);
    return { p50: percentile(all, 50), p99: percentile(all, 99) };
  };
  const cpuOf = (name: string) =>
    of(({ cpu, seconds, spread: { confirmed } }) =>
      Math.max(0, ((cpu[name] ?? 0) - seconds * (idle.cpuMsPerSecond[name] ?? 0)) / confirmed),
    );
  const names = Object.keys(rounds[0]?.cpu ?? {});
  return {
    ordersPerSecond: of(({ spread }) => spread.perSecond),
    hotOrdersPerSecond: of(({ hot }) => hot.perSecond),
    hotShare: of(({ hot, spread }) => hot.perSecond / spread.perSecond),
    leastPerSecond: of(({ least }) => least),
    shareOfLeast: of(({ spread, least }) => spread.perSecond / least),
    confirmedMs: { many: times((round) => round.spread), one: times((round) => round.alone) },
    writesPerOrder: of(({ writes, spread }) => writes.transactions / spread.confirmed),
    walKiBPerOrder: of(({ writes, spread }) => writes.walBytes / 1024 / spread.confirmed),
    cpuMsPerOrder: Object.fromEntries(names.map((name) => [name, cpuOf(name)])),
    shopCpuMsPerOrder: names
      .filter((name) => !EXTERNAL.has(name) && name !== "postgres")
      .reduce((sum, name) => sum + cpuOf(name)[0], 0),
    idleCpuMsPerSecond: idle.cpuMsPerSecond,
    memoryMiB: { idle: idle.memory, busy: busyMemory },
  };
}

/** Returns the figures as text. */
export function asTable(summary: Summary): string {
  const { confirmedMs, cpuMsPerOrder, memoryMiB } = summary;
  const cpu = Object.entries(cpuMsPerOrder).sort(([, [one]], [, [other]]) => other - one);
  const latency = ({ p50, p99 }: { p50: number; p99: number }) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  return [
    table([
      ["", "median", "min", "max"],
      ["orders/s to confirmed", ...summary.ordersPerSecond],
      ["orders/s, all of one product", ...summary.hotOrdersPerSecond],
      ["its share", ...summary.hotShare],
      ["least orders/s, one statement each", ...summary.leastPerSecond],
      ["share of the least", ...summary.shareOfLeast],
      ["writing transactions per order", ...summary.writesPerOrder],
      ["KiB of log per order", ...summary.walKiBPerOrder],
    ]),
    `confirmed, one shopper: ${latency(confirmedMs.one)}`,
    `confirmed, all shoppers: ${latency(confirmedMs.many)}`,
    "",
    "CPU per order, in milliseconds, deliveries and mails included:",
    table([["", "median", "min", "max"], ...cpu.map(([name, values]) => [name, ...values])]),
    `all processes of the shop, NATS and gateway included, without PostgreSQL and simulators: ${summary.shopCpuMsPerOrder.toFixed(1)}`,
    "",
    `memory, MiB, without PostgreSQL: idle RSS ${memoryMiB.idle.rss}, PSS ${memoryMiB.idle.pss}; after the load RSS ${memoryMiB.busy.rss}, PSS ${memoryMiB.busy.pss}`,
  ].join("\n");
}
