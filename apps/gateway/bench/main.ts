import { spawnSync } from "node:child_process";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { bench } from "./bench.ts";
import { hasOwnCores } from "./contender.ts";
import { asTable } from "./report.ts";

const help = `Measures what a request costs at the gateway, in a hand-written handler and in grpc-gateway.

  npm run bench:gateway -- [--rounds 5] [--seconds 2] [--connections 32] [--no-go] [--clients lean,http2] [--json]

--clients adds the gateway with each of these gRPC clients (GATEWAY_GRPC_CLIENT): lean, http2, grpc-js.

The contenders take turns within each round on one core; the upstream and the load have the other. Ratios are of requests
per second to those of the naive handler (Fastify, grpc-js, protobuf-es) and of grpc-gateway in the same round, with the
least and the most; all other figures are medians.`;

const flags = {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "2" },
  connections: { type: "string", default: "32" },
  "no-go": { type: "boolean", default: false },
  clients: { type: "string", default: "" },
  json: { type: "boolean", default: false },
} as const;

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const connections = wholeNumber("--connections", values.connections, 1, 10_000);
  const ms = wholeNumber("--seconds", values.seconds, 1, 3_600) * 1_000;
  if (hasOwnCores) spawnSync("taskset", ["-acp", "1", String(process.pid)]);
  else
    console.error("taskset or a second core is missing: everything shares the machine, so only ratios mean anything.");
  const rows = await bench({
    rounds: wholeNumber("--rounds", values.rounds, 1, 1_000),
    go: !values["no-go"],
    clients: values.clients.split(",").filter((name) => name !== ""),
    load: { ms, count: 1_000_000, connections },
    say: (line) => console.error(line),
  });
  console.log(values.json ? JSON.stringify(rows, null, 2) : asTable(rows));
  process.exit();
});
