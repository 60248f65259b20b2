// CPU of the caller per unary call, over both transports in alternating rounds:
// node packages/rpc/bench/unary.ts [--rounds 3] [--calls 4000]
import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { InventoryService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { createClient, createServer, implement, type Transport } from "../src/index.ts";

const WIDTHS = [1, 32];
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    calls: { type: "string", default: "4000" },
    caller: { type: "string" },
    address: { type: "string", default: "" },
  },
});
const calls = Number(values.calls);

if (values.caller === undefined) await serve();
else await call(values.caller as Transport, values.address);
process.exit();

async function serve(): Promise<void> {
  const missing = async () => ({});
  const others = Object.fromEntries(InventoryService.methods.map(({ localName }) => [localName, missing]));
  const getAvailability = async ({ sku }: { sku: string }) => ({ availability: { sku, remaining: 3 } });
  const refuse = () => Promise.reject(new Error("No call has a credential."));
  const server = createServer({
    services: [implement(InventoryService, { ...others, getAvailability } as never)],
    policy: { verifyToken: refuse, verifyCaller: refuse },
    log: createLogger({ service: "bench", level: "silent" }),
  });
  const address = `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const transport of ["http2", "grpc-js"]) {
      const args = ["--caller", transport, "--address", address, "--calls", values.calls];
      await once(fork(import.meta.filename, args), "exit");
    }
  }
}

async function call(transport: Transport, address: string): Promise<void> {
  const client = createClient(InventoryService, { address, transport });
  await run(client, calls / 2, 32); // Compiles what is measured.
  for (const width of WIDTHS) {
    const from = process.cpuUsage();
    const startedAt = performance.now();
    await run(client, calls, width);
    const { user, system } = process.cpuUsage(from);
    const perCall = Math.round((user + system) / calls);
    const perSecond = Math.round(calls / ((performance.now() - startedAt) / 1000));
    const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
    console.log(`${transport}, ${width} at a time: ${perCall} µs of CPU a call, ${perSecond}/s, ${rss} MiB`);
  }
}

async function run(client: ReturnType<typeof createClient<typeof InventoryService>>, count: number, width: number) {
  let begun = 0;
  const worker = async () => {
    while (begun++ < count) await client.getAvailability({ sku: "P-101" });
  };
  await Promise.all(Array.from({ length: width }, worker));
}
