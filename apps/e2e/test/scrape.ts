type Labels = Record<string, string>;

/** The content of a process's /metrics. */
export type Scrape = Awaited<ReturnType<typeof scrape>>;

/** Reads the text format of Prometheus. */
export async function scrape(port: number) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const help = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = "", words = ""]) => [name, words]));
  const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => {
    return { name, type, help: help.get(name) ?? "" };
  });
  const samples = [...text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = "", labels = "", value]) => {
    return { name, labels: labelsOf(labels), value: Number(value) };
  });
  return {
    families,
    samples,
    /** The value of a sample with exactly these labels. */
    sample: (name: string, labels: Labels = {}): number | undefined =>
      samples.find((one) => one.name === name && isSame(one.labels, labels))?.value,
  };
}

function labelsOf(text: string): Labels {
  return Object.fromEntries([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]));
}

function isSame(one: Labels, other: Labels): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
