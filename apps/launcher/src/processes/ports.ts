import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "@kontor/config";
import { type ServiceName, serviceNames, services } from "@kontor/shop/processes";

const others = {
  gateway: 8080,
  gatewayMetrics: 9050,
  psp: 8091,
  carrier: 8092,
  mailSmtp: 8025,
  mailPage: 8026,
  postgres: 5455,
  nats: 4255,
};

type PortName = keyof typeof others | ServiceName | `${ServiceName}Metrics`;
export type Ports = Record<PortName, number>;

export const defaultPorts = {
  ...others,
  ...Object.fromEntries(
    serviceNames.flatMap((name) => {
      const { grpc, metrics } = services[name].ports;
      return [
        [name, grpc],
        [`${name}Metrics`, metrics],
      ];
    }),
  ),
} as Ports;

/** The ports of which HTTP is served. */
const isHttp = (name: PortName): boolean =>
  name.endsWith("Metrics") || ["gateway", "psp", "carrier", "mailPage"].includes(name);

/** Ports that browsers and fetch refuse to call. @see https://fetch.spec.whatwg.org/#port-blocking */
const blockedPorts = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
  ],
  ...[532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060],
  ...[5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

const uses: Partial<Record<PortName, string>> = {
  gateway: "the gateway (REST)",
  psp: "the simulated card provider",
  carrier: "the simulated carrier",
  mailSmtp: "the mail sink (SMTP)",
  mailPage: "the mail sink's page",
  postgres: "PostgreSQL",
  nats: "NATS",
};

export function shifted(ports: Ports, by: number): Ports {
  const moved = { ...ports };
  for (const name of names(ports)) moved[name] += by;
  return moved;
}

/**
 * Throws a Refusal that names every port which cannot serve: two uses of one, ports that browsers block, and those where another
 * program listens. Checks the latter twice, because the system briefly uses gRPC's usual ports for outgoing connections.
 */
export async function checkPorts(ports: Ports): Promise<void> {
  refuseTwice(ports);
  refuseBlocked(ports);
  if ((await takenOf(ports)).length === 0) return;
  await delay(1_000);
  const taken = await takenOf(ports);
  if (taken.length === 0) return;
  const list = taken.map((name) => `  ${ports[name]}  ${use(name)}`);
  const remedy =
    "Stop the programs that use them, or move the shop: npm start -- --port-offset 100 (all), --port N (the gateway).";
  throw new Refusal(["These ports are in use by another program:", ...list, remedy].join("\n"));
}

function refuseTwice(ports: Ports): void {
  const twice = names(ports).filter((name) =>
    names(ports).some((other) => other !== name && ports[other] === ports[name]),
  );
  if (twice.length === 0) return;
  const list = twice.map((name) => `  ${ports[name]}  ${use(name)}`);
  throw new Refusal(["A port can serve one thing only:", ...list, "Choose another: npm start -- --port N"].join("\n"));
}

function refuseBlocked(ports: Ports): void {
  const blocked = names(ports).filter((name) => isHttp(name) && blockedPorts.has(ports[name]));
  if (blocked.length === 0) return;
  const list = blocked.map((name) => `  ${ports[name]}  ${use(name)}`);
  const remedy = "Choose another: npm start -- --port N (the gateway), --port-offset N (all).";
  throw new Refusal(["Browsers and fetch refuse to call these ports:", ...list, remedy].join("\n"));
}

async function takenOf(ports: Ports): Promise<PortName[]> {
  const checked = await Promise.all(names(ports).map(async (name) => ({ name, free: await isFree(ports[name]) })));
  return checked.filter(({ free }) => !free).map(({ name }) => name);
}

function use(name: PortName): string {
  return uses[name] ?? (name.endsWith("Metrics") ? `${name.replace("Metrics", "")} (metrics)` : `${name} (gRPC)`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}

const names = (ports: Ports): PortName[] => Object.keys(ports).filter((name): name is PortName => name in defaultPorts);
