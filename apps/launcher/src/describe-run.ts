import { serviceNames } from "@kontor/shop/processes";
import type { Secrets } from "./data/secrets.ts";
import { STAFF_EMAIL } from "./processes/environments.ts";
import { natsUrl } from "./processes/nats.ts";
import type { Ports } from "./processes/ports.ts";
import { databaseUrl } from "./processes/postgres.ts";
import type { Supervisor } from "./processes/supervisor.ts";
import type { RunFile } from "./run-file.ts";
import { SHOPPER_EMAIL } from "./seed/shopper.ts";

export function describeRun(
  ports: Ports,
  secrets: Secrets,
  { pids, readyAfterMs }: Pick<Supervisor, "pids" | "readyAfterMs">,
): RunFile {
  const http = (port: number) => `http://localhost:${port}`;
  return {
    pid: process.pid,
    gateway: http(ports.gateway),
    mailPage: http(ports.mailPage),
    psp: http(ports.psp),
    carrier: http(ports.carrier),
    nats: natsUrl(ports, secrets),
    databases: Object.fromEntries(serviceNames.map((name) => [name, databaseUrl(name, ports, secrets)])),
    grpc: Object.fromEntries(serviceNames.map((name) => [name, `localhost:${ports[name]}`])),
    metrics: {
      gateway: `localhost:${ports.gatewayMetrics}`,
      ...Object.fromEntries(serviceNames.map((name) => [name, `localhost:${ports[`${name}Metrics`]}`])),
    },
    pids: pids(),
    readyAfterMs,
    accounts: {
      staff: { email: STAFF_EMAIL, password: secrets.staffPassword },
      shopper: { email: SHOPPER_EMAIL, password: secrets.shopperPassword },
    },
  };
}
