import { request } from "undici";

/** The counters of all processes, by series: name and labels of the metric after the name of the process. */
export type Counters = ReadonlyMap<string, number>;

const SERIES = /^(\w+?(?:\{.*\})?) ([\d.e+]+)$/gm;

/** Reads the counters that processes show at /metrics. */
export async function readCounters(addresses: Readonly<Record<string, string>>): Promise<Counters> {
  const pages = await Promise.all(
    Object.entries(addresses).map(async ([name, address]) => {
      const { body } = await request(`http://${address}/metrics`);
      return { name, text: await body.text() };
    }),
  );
  return new Map(
    pages.flatMap(({ name, text }) =>
      [...text.matchAll(SERIES)].map(([, series, value]): [string, number] => [`${name} ${series}`, Number(value)]),
    ),
  );
}

/** Returns by how much the counters of one metric grew, summed by the name of their process and the given labels. */
export function grown(
  before: Counters,
  after: Counters,
  metric: string,
  labels: readonly string[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const [series, value] of after) {
    const [process = "", rest = ""] = series.split(/ (.*)/s);
    if (rest !== metric && !rest.startsWith(`${metric}{`)) continue;
    const by = value - (before.get(series) ?? 0);
    const name = [process, ...labels.map((label) => labelOf(rest, label))].join(" ");
    if (by > 0) sums[name] = (sums[name] ?? 0) + by;
  }
  return sums;
}

function labelOf(series: string, label: string): string {
  return new RegExp(`[{,]${label}="([^"]*)"`).exec(series)?.[1] ?? "";
}
