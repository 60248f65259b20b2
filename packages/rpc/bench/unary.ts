// CPU of caller and server per unary call, and mark-compacts, over pairs of transports in alternating rounds:
// node packages/rpc/bench/unary.ts [--rounds 5] [--calls 4000] [--json figures.json]
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { InventoryService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { createClient, createServer, implement, type ServerTransport, type Transport } from "../src/index.ts";

const WIDTHS = [1, 32, 64];
const PAIRS = [
  ["grpc-js", "grpc-js"],
  ["http2", "grpc-js"],
  ["lean", "grpc-js"],
  ["http2", "lean"],
  ["lean", "lean"],
] as const satisfies readonly (readonly [Transport, ServerTransport])[];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    calls: { type: "string", default: "4000" },
    json: { type: "string" },
    serve: { type: "string" },
    caller: { type: "string" },
    address: { type: "string", default: "" },
  },
});
const calls = Number(values.calls);

/** Resources that a process has used: CPU in µs, and mark-compacts. */
interface Usage {
  readonly cpu: number;
  readonly markCompacts: number;
}

/** Of one width: per call, and in the whole run. */
interface Figure {
  readonly width: number;
  readonly callerCpu: number;
  readonly serverCpu: number;
  readonly perSecond: number;
  readonly markCompacts: number;
}

let markCompacts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if ((entry as PerformanceEntry & { detail: { kind: number } }).detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR)
      markCompacts++;
}).observe({ entryTypes: ["gc"] });

const usage = (): Usage => {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, markCompacts };
};

process.once("disconnect", () => process.exit()); // Servers and callers end with the comparison.
if (values.serve !== undefined) await serve(values.serve as ServerTransport);
else if (values.caller !== undefined) await call(values.caller as Transport, values.address);
else await compare();

async function compare(): Promise<void> {
  const figures = new Map<string, Figure[]>(PAIRS.map(([caller, server]) => [`${caller} calls ${server}`, []]));
  const servers = new Map<string, ChildProcess>();
  for (const transport of ["grpc-js", "lean"])
    servers.set(transport, fork(import.meta.filename, ["--serve", transport]));
  const addresses = new Map<string, string>();
  for (const [transport, server] of servers) addresses.set(transport, (await once(server, "message"))[0]);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [caller, transport] of PAIRS) {
      const address = addresses.get(transport) ?? "";
      const args = ["--caller", caller, "--address", address, "--calls", values.calls];
      figures
        .get(`${caller} calls ${transport}`)
        ?.push(...(await measure(fork(import.meta.filename, args), servers.get(transport))));
    }
  for (const server of servers.values()) server.kill();
  for (const [pair, all] of figures)
    for (const width of WIDTHS) {
      const of = (key: keyof Figure) => all.filter((each) => each.width === width).map((each) => each[key]);
      const shown = (key: keyof Figure) => `${median(of(key))} (${Math.min(...of(key))} to ${Math.max(...of(key))})`;
      console.log(
        `${pair}, ${width} at a time: caller ${shown("callerCpu")} µs, server ${shown("serverCpu")} µs, ` +
          `${shown("perSecond")}/s, mark-compacts ${shown("markCompacts")}`,
      );
    }
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(Object.fromEntries(figures), undefined, 2));
}

/** Starts each width at the caller, between two readings of the server. */
async function measure(caller: ChildProcess, server: ChildProcess | undefined): Promise<Figure[]> {
  const figures: Figure[] = [];
  const read = async (): Promise<Usage> => {
    server?.send("usage");
    return server === undefined ? usage() : (await once(server, "message"))[0];
  };
  await once(caller, "message");
  for (const width of WIDTHS) {
    const before = await read();
    caller.send(width);
    const [own] = await once(caller, "message");
    const after = await read();
    figures.push({
      width,
      callerCpu: Math.round(own.cpu / calls),
      serverCpu: Math.round((after.cpu - before.cpu) / calls),
      perSecond: Math.round(calls / (own.ms / 1_000)),
      markCompacts: own.markCompacts + after.markCompacts - before.markCompacts,
    });
  }
  caller.kill();
  return figures;
}

async function serve(transport: ServerTransport): Promise<void> {
  const missing = async () => ({});
  const others = Object.fromEntries(InventoryService.methods.map(({ localName }) => [localName, missing]));
  const getAvailability = async ({ sku }: { sku: string }) => ({ availability: { sku, remaining: 3 } });
  const refuse = () => Promise.reject(new Error("No call has a credential."));
  const server = createServer({
    services: [implement(InventoryService, { ...others, getAvailability } as never)],
    policy: { verifyToken: refuse, verifyCaller: refuse },
    log: createLogger({ service: "bench", level: "silent" }),
    transport,
  });
  process.on("message", () => process.send?.(usage()));
  process.send?.(`127.0.0.1:${await server.listen("127.0.0.1", 0)}`);
}

async function call(transport: Transport, address: string): Promise<void> {
  const client = createClient(InventoryService, { address, transport });
  await run(client, calls / 2, 32); // Compiles the measured code.
  process.on("message", async (width: number) => {
    const before = usage();
    const startedAt = performance.now();
    await run(client, calls, width);
    const after = usage();
    const ms = performance.now() - startedAt;
    process.send?.({ ms, cpu: after.cpu - before.cpu, markCompacts: after.markCompacts - before.markCompacts });
  });
  process.send?.("ready");
}

async function run(client: ReturnType<typeof createClient<typeof InventoryService>>, count: number, width: number) {
  let begun = 0;
  const worker = async () => {
    while (begun++ < count) await client.getAvailability({ sku: "P-101" });
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}
