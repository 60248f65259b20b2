import type * as Prometheus from "prom-client";

/** A series as prom-client stores it, under a key made of its labels. */
interface Series {
  readonly labels: Readonly<Record<string, string | number>>;
}
interface CounterSeries extends Series {
  value: number;
}
interface HistogramSeries extends Series {
  readonly bucketValues: Record<number, number>;
  sum: number;
  count: number;
}

/** The internals of prom-client. The version is pinned, and a test compares both ways of counting. */
interface Stored<S extends Series> {
  readonly labelNames: readonly string[];
  readonly hashMap: Readonly<Record<string, S>>;
}

/** Makes `labels(…).inc()` of a counter add directly to its series. prom-client computes the key of the series in each call. */
export function resolveCounter<L extends string>(made: Prometheus.Counter<L>): Prometheus.Counter<L> {
  const plain = made.labels.bind(made) as (...labels: unknown[]) => Prometheus.Counter.Internal;
  const stored = made as unknown as Stored<CounterSeries>;
  return Object.assign(made, {
    labels(...labels: unknown[]): Prometheus.Counter.Internal {
      const child = plain(...labels);
      const seriesOf = finder(stored, labels);
      return {
        inc(value = 1) {
          const series = seriesOf();
          if (series === undefined || !(value >= 0 && value < Number.POSITIVE_INFINITY)) child.inc(value);
          else series.value += value;
        },
      };
    },
  });
}

/** Makes `labels(…).observe()` of a histogram with these upper bounds add directly to its series. */
export function resolveHistogram<L extends string>(
  made: Prometheus.Histogram<L>,
  bounds: readonly number[],
): Prometheus.Histogram<L> {
  const plain = made.labels.bind(made) as (...labels: unknown[]) => Prometheus.Histogram.Internal<L>;
  const stored = made as unknown as Stored<HistogramSeries>;
  return Object.assign(made, {
    labels(...labels: unknown[]): Prometheus.Histogram.Internal<L> {
      const child = plain(...labels);
      const seriesOf = finder(stored, labels);
      return {
        startTimer: child.startTimer,
        observe(value) {
          const series = seriesOf();
          if (series === undefined || !Number.isFinite(value)) return child.observe(value);
          series.sum += value;
          series.count++;
          for (const bound of bounds) {
            if (value > bound) continue;
            series.bucketValues[bound] = (series.bucketValues[bound] ?? 0) + 1;
            return;
          }
        },
      };
    },
  });
}

/** Returns a function that finds the series of labels. It returns undefined before the first count, and after a reset. */
function finder<S extends Series>(stored: Stored<S>, [first, ...others]: readonly unknown[]): () => S | undefined {
  const wanted = typeof first === "object" && first !== null ? (first as Series["labels"]) : undefined;
  const { labelNames } = stored;
  const values = wanted === undefined ? [first, ...others] : labelNames.map((name) => wanted[name]);
  let key: string | undefined;
  return () => {
    key ??= Object.keys(stored.hashMap).find((each) =>
      labelNames.every((name, i) => stored.hashMap[each]?.labels[name] === values[i]),
    );
    return key === undefined ? undefined : stored.hashMap[key];
  };
}
