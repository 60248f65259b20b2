import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Refusal } from "./refusal.ts";

export const defaultPorts = {
  gateway: 8080,
  gatewayMetrics: 9050,
  users: 5051,
  catalog: 5052,
  inventory: 5053,
  orders: 5054,
  payments: 5055,
  shipping: 5056,
  notifications: 5057,
  usersMetrics: 9051,
  catalogMetrics: 9052,
  inventoryMetrics: 9053,
  ordersMetrics: 9054,
  paymentsMetrics: 9055,
  shippingMetrics: 9056,
  notificationsMetrics: 9057,
  psp: 8091,
  carrier: 8092,
  mailSmtp: 8025,
  mailPage: 8026,
  postgres: 5455,
  nats: 4255,
};

export type PortName = keyof typeof defaultPorts;
export type Ports = Record<PortName, number>;

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
 * Refuses to start while another program listens where we want to, and names every such port at once. Looks again before it
 * does: gRPC's usual ports are among those that the system lends to anyone for a moment.
 */
export async function checkPorts(ports: Ports): Promise<void> {
  if ((await takenOf(ports)).length === 0) return;
  await delay(1_000);
  const taken = await takenOf(ports);
  if (taken.length === 0) return;
  const list = taken.map((name) => `  ${ports[name]}  ${use(name)}`);
  const remedy = "Stop what uses them, or move ours: npm start -- --port-offset 100 (all), --port N (the gateway).";
  throw new Refusal(["These ports are in use by another program:", ...list, remedy].join("\n"));
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
