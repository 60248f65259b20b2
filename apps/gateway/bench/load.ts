import { Pool } from "undici";
import type { Contender } from "./contender.ts";
import type { Sample } from "./samples.ts";

/** The measurements of a stretch of load. */
export interface Stretch {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerRequest: number;
}

/** How long and how much. */
export interface LoadOptions {
  readonly ms: number;
  /** The most requests, in any time. */
  readonly count: number;
  /** The fewest requests, in any time, within the most. Default: none. */
  readonly least?: number;
  /** Connections, each with one request at a time. */
  readonly connections: number;
}

let next = 0;

/** Sends requests one after another over each connection. @throws Error at an error response */
export async function load(
  to: Contender,
  sample: Sample,
  { ms, count, least = 0, connections }: LoadOptions,
): Promise<Stretch> {
  const pool = new Pool(to.url, { connections, pipelining: 1 });
  const latencies: number[] = [];
  const headers = { ...to.headers, ...(sample.body && { "content-type": "application/json" }) };
  const cpuBefore = to.cpuMs();
  const began = performance.now();
  const until = began + ms;
  let left = count;
  const worker = async () => {
    while (left-- > 0 && (performance.now() < until || latencies.length < least)) {
      const index = next++;
      const sent = performance.now();
      const { statusCode, body } = await pool.request({
        method: sample.method,
        path: sample.path(index),
        headers,
        body: sample.body?.(index) ?? null,
      });
      if (statusCode >= 300) throw new Error(`${to.name}: ${sample.name}: ${statusCode} ${await body.text()}`);
      await body.dump();
      latencies.push(performance.now() - sent);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, worker));
  } finally {
    await pool.destroy();
  }
  const seconds = (performance.now() - began) / 1000;
  const cpu = to.cpuMs() - cpuBefore;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return {
    perSecond: latencies.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMsPerRequest: cpu / latencies.length,
  };
}
