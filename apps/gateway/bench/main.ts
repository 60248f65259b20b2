import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { bench } from "./bench.ts";
import { hasOwnCores } from "./contender.ts";
import { asTable } from "./report.ts";

const help = `What a request costs at the gateway, beside a handler written by hand and grpc-gateway.

  npm run bench:gateway -- [--rounds 5] [--seconds 2] [--connections 32] [--no-go] [--json]

The contenders take turns within each round on one core; the upstream and the load have the other. Ratios are of requests
per second to those of the naive handler (Fastify, grpc-js, protobuf-es) in the same round; all figures are medians.`;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    go: { type: "boolean", default: true },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  allowNegative: true,
});
if (values.help) console.log(help);
else {
  if (hasOwnCores) spawnSync("taskset", ["-acp", "1", String(process.pid)]);
  else
    console.error("taskset or a second core is missing: everything shares the machine, so only ratios mean anything.");
  const rows = await bench({
    rounds: Number(values.rounds),
    go: values.go,
    load: { ms: Number(values.seconds) * 1000, count: 1_000_000, connections: Number(values.connections) },
    say: (line) => console.error(line),
  });
  console.log(values.json ? JSON.stringify(rows, null, 2) : asTable(rows));
  process.exit();
}
