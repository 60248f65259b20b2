import type { Stretch } from "./load.ts";

/** The medians of one contender with one sample; `ratio` is its throughput over the naive one's, round by round. */
export interface Row extends Stretch {
  readonly sample: string;
  readonly contender: string;
  readonly ratio: number;
  readonly rssMiB: number;
}

/** Medians of stretches, and of their throughput over that of the stretches they are compared with. */
export function rowOf(
  names: Pick<Row, "sample" | "contender" | "rssMiB">,
  own: readonly Stretch[],
  yardstick: readonly Stretch[],
): Row {
  const of = (key: keyof Stretch) => median(own.map((stretch) => stretch[key]));
  return {
    ...names,
    ratio: median(own.map(({ perSecond }, round) => perSecond / (yardstick[round]?.perSecond ?? Number.NaN))),
    perSecond: of("perSecond"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
    cpuMsPerRequest: of("cpuMsPerRequest"),
  };
}

/** The rows as a table for people. */
export function asTable(rows: readonly Row[]): string {
  const head = ["", "ratio", "req/s", "p50 ms", "p99 ms", "CPU µs/req", "RSS MiB"];
  const line = (row: Row) => [
    `  ${row.contender}`,
    row.ratio.toFixed(2),
    row.perSecond.toFixed(0),
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    (row.cpuMsPerRequest * 1000).toFixed(0),
    row.rssMiB.toFixed(0),
  ];
  const bySample = Map.groupBy(rows, ({ sample }) => sample);
  const lines = [head, ...[...bySample].flatMap(([sample, own]) => [[sample], ...own.map(line)])];
  const width = (column: number) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0));
  return lines
    .map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(width(0)) : cell.padStart(width(i) + 2))).join(""))
    .join("\n");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}
