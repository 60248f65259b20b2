import { join } from "node:path";
import { openKeyFolder } from "@kontor/policy/key-folder";
import { groupsOf, type ProcessGroup, type ServiceName, serviceNames, type TopologyName } from "@kontor/shop/processes";
import type { Secrets } from "../data/secrets.ts";
import { type AppEnvironment, environmentOf } from "./environments.ts";
import { externalSystems } from "./external-systems.ts";
import type { ProcessSpec } from "./node-process.ts";
import type { Ports } from "./ports.ts";

/** Where the keys are that services prove their names with. */
export const identityFolder = (dataDir: string) => join(dataDir, "identity");

const at = (port: number) => `127.0.0.1:${port}`;

/** How the shop runs. */
export type ShopOptions = {
  /** Origins whose pages may call the gateway. */
  readonly corsOrigins: readonly string[];
  /** Whether the gateway counts the requests of each caller. */
  readonly rateLimits: boolean;
  /** How services are divided over processes. Default: each has its own. */
  readonly topology?: TopologyName;
  /** Services that have a process each in any topology. Default: none. */
  readonly apart?: readonly ServiceName[];
  /** Whether the simulators of external systems share a process, which saves memory. Default: each has its own, so that one alone can fail. */
  readonly simulatorsTogether?: boolean;
};

/** Every process of ours in the order of their start: simulators of external systems, the services, the gateway. */
export function processes(ports: Ports, secrets: Secrets, dataDir: string, options: ShopOptions): ProcessSpec[] {
  const keys = openKeyFolder(identityFolder(dataDir), serviceNames);
  const shared = portsIn(ports, options);
  const ofGroup = (group: ProcessGroup) => groupProcess(group, { ports: shared, secrets, keys, options });
  const simulators = externalSystems(ports, secrets, dataDir);
  return [
    ...(options.simulatorsTogether ? [together(simulators)] : simulators),
    ...groupsOf(options.topology ?? "many", options.apart).map(ofGroup),
  ];
}

/** Returns simulators as one process, which is ready once the last one is. */
function together(simulators: readonly ProcessSpec[]): ProcessSpec {
  const env = simulators.flatMap(({ name, env }) =>
    Object.entries(env).map(([variable, value]) => [`${name.toUpperCase().replaceAll("-", "_")}__${variable}`, value]),
  );
  return {
    name: "simulators",
    app: "host",
    entry: "simulators",
    apps: simulators.map(({ name }) => name),
    readyUrl: simulators.at(-1)?.readyUrl ?? "",
    env: Object.fromEntries(env),
  };
}

/**
 * Returns the process that has the gateway as the assortment is imported through it. It has no limits and counts in its own memory, so that
 * the accounts of the import are not over their limits afterwards.
 */
export function importProcess(ports: Ports, secrets: Secrets, dataDir: string, options: ShopOptions): ProcessSpec {
  const all = processes(ports, secrets, dataDir, { ...options, corsOrigins: [], rateLimits: false });
  const spec = all.find(hasGateway);
  if (spec === undefined) throw new Error("No process has the gateway.");
  const env = Object.entries(spec.env).filter(([name]) => name !== "NATS_URL" && name !== "GATEWAY__NATS_URL");
  return { ...spec, env: Object.fromEntries(env) };
}

/** Returns whether a process has the gateway. */
export const hasGateway = ({ apps }: ProcessSpec): boolean => apps?.includes("gateway") ?? false;

/** Returns the ports at which each app is found: services of one process share those of the first, and the gateway's of metrics. */
export function portsIn(ports: Ports, { topology = "many", apart }: Pick<ShopOptions, "topology" | "apart">): Ports {
  const shared = { ...ports };
  for (const { apps } of groupsOf(topology, apart)) {
    const services = apps.filter((app) => app !== "gateway");
    const [first] = services;
    if (first === undefined) continue;
    const metrics = apps.includes("gateway") ? ports.gatewayMetrics : ports[`${first}Metrics`];
    for (const service of services) {
      shared[service] = ports[first];
      shared[`${service}Metrics`] = metrics;
    }
  }
  return shared;
}

function groupProcess(group: ProcessGroup, facts: Omit<AppEnvironment, "group">): ProcessSpec {
  const { name, apps } = group;
  const [first = "gateway"] = apps;
  const metrics = facts.ports[`${first}Metrics`];
  const readyUrl = `http://${at(metrics)}/readyz`;
  if (apps.length === 1) return { name, apps, readyUrl, env: environmentOf(first, { ...facts, group }) };
  const own = apps.flatMap((app) =>
    Object.entries(environmentOf(app, { ...facts, group }))
      .filter(([variable]) => !isShared(variable))
      .map(([variable, value]) => [`${app.toUpperCase()}__${variable}`, value]),
  );
  const shared = Object.entries(environmentOf(first, { ...facts, group })).filter(([variable]) => isShared(variable));
  const env = Object.fromEntries([...shared, ["METRICS_PORT", String(metrics)], ...own]);
  return { name, app: "host", apps, readyUrl, env: { KONTOR_GROUP: name, KONTOR_APPS: apps.join(","), ...env } };
}

/** Returns whether all apps of a process have the same value: its ports, and the addresses of services. */
const isShared = (variable: string): boolean =>
  ["GRPC_PORT", "METRICS_PORT"].includes(variable) || variable.endsWith("_ADDRESS");
