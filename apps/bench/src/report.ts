import type { Load } from "./load.ts";
import type { memoryOf } from "./processes-of.ts";
import { percentile, spread, table } from "./statistics.ts";
import type { Writes } from "./write-counter.ts";

/** One turn of shop and raw client. */
export type Round = {
  readonly load: Load;
  readonly yardstick: number;
  readonly ratio: number;
  readonly perOrder: Writes;
};

type Memory = ReturnType<typeof memoryOf>;

/** What was measured: rates as [median, minimum, maximum], times in milliseconds. */
export type Summary = ReturnType<typeof summarise>;

export function summarise(
  rounds: readonly Round[],
  cpu: Readonly<Record<string, number>>,
  memoryMiB: { readonly idle: Memory; readonly busy: Memory },
) {
  const times = (of: (load: Load) => readonly number[]) => {
    const all = rounds.flatMap(({ load }) => of(load));
    return { p50: percentile(all, 50), p99: percentile(all, 99) };
  };
  const orders = rounds.reduce((total, { load }) => total + load.confirmed, 0);
  return {
    ordersPerSecond: spread(rounds.map(({ load }) => load.perSecond)),
    rawPerSecond: spread(rounds.map(({ yardstick }) => yardstick)),
    ratio: spread(rounds.map(({ ratio }) => ratio)),
    acceptedMs: times(({ accepted }) => accepted),
    confirmedMs: times(({ toConfirmed }) => toConfirmed),
    writesPerOrder: rounds.at(-1)?.perOrder,
    cpuMsPerOrder: Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, round(ms / orders)])),
    memoryMiB,
  };
}

export function asTable({ memoryMiB: { idle, busy }, ...summary }: Summary): string {
  const { transactions = 0, inserts = 0, updates = 0, walBytes = 0 } = summary.writesPerOrder ?? {};
  const shares = Object.entries(summary.cpuMsPerOrder).sort(([, a], [, b]) => b - a);
  return [
    table([
      ["", "median", "min", "max"],
      ["orders/s to confirmed", ...summary.ordersPerSecond],
      ["raw client, same writes", ...summary.rawPerSecond],
      ["ratio", ...summary.ratio],
    ]),
    `POST answered: p50 ${round(summary.acceptedMs.p50)} ms, p99 ${round(summary.acceptedMs.p99)} ms`,
    `confirmed:     p50 ${round(summary.confirmedMs.p50)} ms, p99 ${round(summary.confirmedMs.p99)} ms`,
    `an order writes ${round(transactions)} transactions, ${round(inserts)} inserts, ${round(updates)} updates, ${round(walBytes / 1024)} KiB of log`,
    "",
    "CPU per order, in milliseconds, deliveries and mails included:",
    table(shares.map(([name, ms]) => [name, ms])),
    "",
    `memory, MiB, without PostgreSQL: idle RSS ${idle.rss}, PSS ${idle.pss}; after the load RSS ${busy.rss}, PSS ${busy.pss}`,
  ].join("\n");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
