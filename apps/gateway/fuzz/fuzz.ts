import type { Registry } from "@bufbuild/protobuf";
import { makeRequest, mutate, randomOf, routesOf } from "@kontor/transcoder/fuzz";
import { openConnection } from "./connection.ts";
import { startGateway } from "./gateway.ts";
import { judge } from "./judge.ts";
import { startUpstream } from "./upstream.ts";
import { toWire } from "./wire.ts";

const connections = 24;
/** How much more memory the gateway may hold at the end than after a quarter of the requests, in MiB. */
const flat = 96;

/** One run over one set of contracts. */
export interface FuzzOptions {
  readonly name: string;
  /** The file of the descriptors; undefined for the shop's own. */
  readonly path: string | undefined;
  readonly registry: Registry;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly verbose: boolean;
}

/** Sends requests and reports. Returns how many findings there were. */
export async function fuzz({ name, path, registry, seed, from, count, verbose }: FuzzOptions): Promise<number> {
  const upstream = await startUpstream(registry);
  const gateway = await startGateway(upstream.port, path);
  const routes = routesOf(registry);
  const findings: string[] = [];
  const statuses = new Map<string | number, number>();
  const startedAt = performance.now();
  let next = from;
  let early = 0;

  async function send(): Promise<void> {
    const connection = openConnection(gateway.port);
    while (next < from + count && gateway.alive()) {
      const number = next++;
      if (number === from + Math.floor(count / 4)) early = gateway.memory();
      const random = randomOf(seed, number);
      const request = makeRequest(random.pick(routes), random);
      mutate(request, random);
      const id = `f${number}`;
      const wire = toWire(request, id, random);
      if (verbose) console.log(wire.bytes.subarray(0, 4_000).toString("latin1"), "\n");
      const answer = await connection.send(wire, request.method === "HEAD");
      const broken = judge(request, answer, upstream.take(id));
      if (verbose) console.log(answer, "\n");
      const kind = typeof answer === "string" ? answer : answer.status;
      statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
      if (broken !== undefined)
        findings.push(`--contracts ${name} --seed ${seed} --from ${number} --count 1: ${broken}`);
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: Math.min(connections, count) }, send));

  const seconds = (performance.now() - startedAt) / 1000;
  const late = gateway.memory();
  if (!gateway.alive()) findings.push(`the gateway crashed before request ${next}`);
  else if (count >= 10_000 && late - early > flat) findings.push(`memory grew from ${early} to ${late} MiB`);
  const code = await gateway.stop();
  if (code !== 0) findings.push(`the gateway ended with ${code}`);
  for (const error of gateway.errors) findings.push(`logged: ${error}`);
  upstream.stop();
  const shown = [...statuses]
    .sort(([a], [b]) => String(a).localeCompare(String(b)))
    .map(([status, times]) => `${status}×${times}`);
  console.log(
    `${name}: ${count} requests over ${routes.length} routes, seed ${seed}, ${Math.round(count / seconds)}/s`,
  );
  console.log(`  answers: ${shown.join(" ")}; memory ${early} -> ${late} MiB; findings: ${findings.length}`);
  for (const finding of findings.slice(0, 20)) console.log(`  ${finding}`);
  return findings.length;
}
