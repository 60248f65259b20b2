import { createRequire } from "node:module";
import type * as Prometheus from "prom-client";
import { resolveCounter, resolveHistogram } from "./resolved-series.ts";

// The package's entry also loads its pushgateway, cluster and default metrics: 20 MB in every process, used by none.
const load = createRequire(import.meta.url);
const Counter = load("prom-client/lib/counter.js") as typeof Prometheus.Counter;
const Gauge = load("prom-client/lib/gauge.js") as typeof Prometheus.Gauge;
const { Histogram } = {
  Histogram: load("prom-client/lib/histogram.js") as typeof Prometheus.Histogram,
};
const Registry = load("prom-client/lib/registry.js") as typeof Prometheus.Registry;

/** The metrics of this process, exposed with `await registry.metrics()` under `registry.contentType`. */
export const registry: Prometheus.Registry = new Registry();

/** Half a millisecond to ten seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Returns the counter of that name, made on first use. `collect` returns its value at each scrape, where something else counts.
 *
 * ```ts
 * const placed = counter("kontor_orders_placed_total", "Orders that were accepted.", ["currency"]);
 * placed.inc({ currency: "EUR" });
 * ```
 */
export function counter<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  collect?: () => number,
): Prometheus.Counter<L> {
  const found = existing<Prometheus.Counter<L>>(name);
  if (found) return found;
  const configuration = { name, help, labelNames: [...labels], registers: [registry] };
  if (!collect) return resolveCounter(new Counter(configuration));
  const made: Prometheus.Counter<L> = new Counter({
    ...configuration,
    collect() {
      made.reset();
      made.inc(collect());
    },
  });
  return made;
}

/**
 * Returns the histogram of that name, made on first use. Default of `buckets`: durations in seconds from 0.5 ms to 10 s.
 *
 * ```ts
 * const duration = histogram("kontor_quote_seconds", "Duration of a quote.");
 * duration.observe(0.012);
 * ```
 */
export function histogram<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  buckets: readonly number[] = SECONDS,
): Prometheus.Histogram<L> {
  const made = () => {
    const configuration = { name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] };
    return resolveHistogram(new Histogram(configuration), buckets);
  };
  return existing<Prometheus.Histogram<L>>(name) ?? made();
}

/**
 * Returns the gauge of that name, made on first use. `collect` is called at each scrape to set it; the first one given counts.
 *
 * ```ts
 * const waiting: string[] = [];
 * gauge("kontor_waiting", "Requests that wait.", [], (metric) => metric.set(waiting.length));
 * ```
 */
export function gauge<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  collect?: (gauge: Prometheus.Gauge<L>) => void | Promise<void>,
): Prometheus.Gauge<L> {
  const found = existing<Prometheus.Gauge<L>>(name);
  if (found) return found;
  const configuration = {
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  };
  if (!collect) return new Gauge(configuration);
  const made: Prometheus.Gauge<L> = new Gauge({
    ...configuration,
    collect: () => collect(made),
  });
  return made;
}

function existing<M extends Prometheus.Metric>(name: string): M | undefined {
  return registry.getSingleMetric(name) as M | undefined;
}
