import type { Stretch } from "./load.ts";

/** The throughput of a contender over that of another one, round by round: the median, the least and the most. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The medians of one contender with one sample. */
export interface Row extends Stretch {
  readonly sample: string;
  readonly contender: string;
  /** To the naive handler. */
  readonly ratio: Ratio;
  /** To grpc-gateway, where it takes part. */
  readonly toGo?: Ratio;
  readonly rssMiB: number;
}

/** Returns the medians of stretches, and their throughput over that of the stretches they are compared with. */
export function rowOf(
  names: Pick<Row, "sample" | "contender" | "rssMiB">,
  own: readonly Stretch[],
  naive: readonly Stretch[],
  go: readonly Stretch[] | undefined,
): Row {
  const of = (key: keyof Stretch) => median(own.map((stretch) => stretch[key]));
  return {
    ...names,
    ratio: ratioOf(own, naive),
    ...(go && { toGo: ratioOf(own, go) }),
    perSecond: of("perSecond"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
    cpuMsPerRequest: of("cpuMsPerRequest"),
  };
}

function ratioOf(own: readonly Stretch[], other: readonly Stretch[]): Ratio {
  const ratios = own.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

function asText({ median, least, most }: Ratio): string {
  return `${median.toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`;
}

/** Returns the rows as a table for people. */
export function asTable(rows: readonly Row[]): string {
  const head = ["", "to naive", "to grpc-gateway", "req/s", "p50 ms", "p99 ms", "CPU µs/req", "RSS MiB"];
  const line = (row: Row) => [
    `  ${row.contender}`,
    asText(row.ratio),
    row.toGo ? asText(row.toGo) : "-",
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
