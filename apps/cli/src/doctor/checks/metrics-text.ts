/** The metrics of a process, as text in the format of Prometheus. */
export type Metrics = { readonly process: string; readonly text: string };

/** Returns the sum of the samples of a metric, of those alone that carry `label` if one is given; 0 if there are none. */
export function value(text: string, metric: string, label = ""): number {
  const samples = text.matchAll(new RegExp(`^${metric}(\\{.*\\})? (\\S+)$`, "gm"));
  return [...samples]
    .filter(([, labels = ""]) => labels.includes(label))
    .reduce((sum, [, , measured]) => sum + Number(measured), 0);
}

/** Returns the highest of the samples of a metric; 0 if there are none. */
export function highest(text: string, metric: string): number {
  const samples = text.matchAll(new RegExp(`^${metric}(?:\\{.*\\})? (\\S+)$`, "gm"));
  return Math.max(0, ...[...samples].map(([, measured]) => Number(measured)));
}
