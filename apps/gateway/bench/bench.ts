import type { Contender } from "./contender.ts";
import { GRPC_GATEWAY, startContenders, startUpstream } from "./contenders.ts";
import { type LoadOptions, load, type Stretch } from "./load.ts";
import { type Row, rowOf } from "./report.ts";
import { samples } from "./samples.ts";

/** How much is measured. */
export interface BenchOptions {
  readonly rounds: number;
  /** Whether grpc-gateway takes part, where it can be built. */
  readonly go: boolean;
  /** The gRPC clients with each of which the gateway takes part once more. */
  readonly clients?: readonly string[];
  readonly load: LoadOptions;
  readonly say: (line: string) => void;
}

/** The least stretches and requests of the warm-up: on a busy machine the time alone does not ensure compilation. */
const WARM_UP = 3;
const WARM_REQUESTS = 8_000;

/** Measures all contenders with all samples. In each round they take turns, in an order that changes. */
export async function bench({ rounds, go, clients = [], load: options, say }: BenchOptions): Promise<Row[]> {
  const upstream = await startUpstream();
  let contenders: readonly Contender[] = [];
  try {
    contenders = await startContenders(upstream.url.replace("http://", ""), { go, clients });
    const rows: Row[] = [];
    for (const sample of samples) {
      // Warms up until hot code is compiled; not counted.
      const warm = { ...options, ms: options.ms * WARM_UP, least: WARM_REQUESTS };
      for (const contender of contenders) await load(contender, sample, warm);
      const measured = new Map(contenders.map((contender) => [contender, [] as Stretch[]]));
      for (let round = 0; round < rounds; round++) {
        for (let turn = 0; turn < contenders.length; turn++) {
          const contender = contenders[(round + turn) % contenders.length];
          if (contender) measured.get(contender)?.push(await load(contender, sample, options));
        }
        say(`${sample.name}: round ${round + 1} of ${rounds}`);
      }
      const [naive = []] = measured.values();
      const go = measured.entries().find(([{ name }]) => name === GRPC_GATEWAY)?.[1];
      for (const [contender, stretches] of measured) {
        const names = { sample: sample.name, contender: contender.name, rssMiB: contender.rssMiB() };
        rows.push(rowOf(names, stretches, naive, go));
      }
    }
    return rows;
  } finally {
    for (const each of [...contenders, upstream]) await each.stop();
  }
}
