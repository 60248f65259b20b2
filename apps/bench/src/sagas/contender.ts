/** The measurements of one run of a contender. */
export interface Measured {
  readonly perSecond: number;
  /** CPU of the process that runs the sagas, in milliseconds a saga. */
  readonly cpuMs: number;
  /** Time from begin to end of one saga, in milliseconds. */
  readonly p50Ms: number;
  /** Sagas that ended in all, those of the warm-up included. */
  readonly sagas: number;
}

const WARM_UP_MS = 1_500;

/**
 * Keeps `concurrency` sagas running for some seconds, and prints the measurements as a line of JSON. `run` resolves when its saga has
 * ended.
 */
export async function contend(run: (id: string) => Promise<unknown>): Promise<void> {
  const [concurrency = 32, seconds = 3] = process.argv.slice(3).map(Number);
  let count = 0;
  const load = async (ms: number) => {
    const times: number[] = [];
    const until = performance.now() + ms;
    const worker = async () => {
      while (performance.now() < until) {
        const started = performance.now();
        await run(`${process.pid}-${count++}`);
        times.push(performance.now() - started);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return times.sort((a, b) => a - b);
  };
  await load(WARM_UP_MS);
  const before = process.cpuUsage();
  const began = performance.now();
  const times = await load(seconds * 1_000);
  const { user, system } = process.cpuUsage(before);
  const measured: Measured = {
    perSecond: times.length / ((performance.now() - began) / 1_000),
    cpuMs: (user + system) / 1_000 / times.length,
    p50Ms: times[Math.floor(times.length / 2)] ?? 0,
    sagas: count,
  };
  console.log(JSON.stringify(measured));
}
