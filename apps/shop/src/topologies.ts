import { type ServiceName, serviceNames } from "./services.ts";

/** The apps of the shop that can share a process. */
export type AppName = ServiceName | "gateway";

/** Apps that share a process. A group of one app has its name. */
export interface ProcessGroup {
  readonly name: string;
  /** In the order of their start. The gateway is the last. */
  readonly apps: readonly AppName[];
}

/** How services are divided over processes: docs/guides/topologies.md. */
export type TopologyName = "one" | "grouped" | "many";

export const topologyNames: readonly TopologyName[] = ["one", "grouped", "many"];

const storefront: readonly AppName[] = ["users", "catalog"];

/** Returns the group of an app in each topology but `many`, where it has its own. */
const GROUP_OF = {
  one: () => "shop",
  grouped: (app: AppName) => (app === "gateway" ? "edge" : storefront.includes(app) ? "storefront" : "fulfilment"),
  many: (app: AppName) => app,
} satisfies Record<TopologyName, (app: AppName) => string>;

/** Returns the processes of a topology, in the order of their start. Services that are `apart` have a process each. */
export function groupsOf(topology: TopologyName, apart: readonly ServiceName[] = []): readonly ProcessGroup[] {
  const groups = new Map<string, AppName[]>();
  for (const app of [...serviceNames, "gateway"] as const) {
    const name = apart.some((service) => service === app) ? app : GROUP_OF[topology](app);
    groups.set(name, [...(groups.get(name) ?? []), app]);
  }
  const named = [...groups].map(([name, apps]) => ({ name: apps.length === 1 ? (apps[0] ?? name) : name, apps }));
  // The group with the gateway starts last: it needs all others.
  return named.sort((one, other) => Number(one.apps.includes("gateway")) - Number(other.apps.includes("gateway")));
}

/** Returns where a process of `group` calls a service: within the process (`inProcessAddress` of @kontor/rpc), or else at `network`. */
export function addressWithin({ apps }: ProcessGroup, service: ServiceName, network: string): string {
  return apps.length > 1 && apps.includes(service) ? `in-process:///${service}` : network;
}

/** Connections to its database that a service has in a group, without the one of locks: 32 at most for the whole shop. */
const CONNECTIONS: Partial<Record<ServiceName, number>> = { orders: 4, inventory: 3, payments: 3 };
const FEW_CONNECTIONS = 2;
const SAGA_CONNECTIONS = 3;

/** Returns the settings by which a service of a group shares one PostgreSQL with the others. None for a process of its own. */
export function connectionSettings({ apps }: ProcessGroup, service: ServiceName): Record<string, string> {
  if (apps.length === 1) return {};
  const connections = { DATABASE_CONNECTIONS: String(CONNECTIONS[service] ?? FEW_CONNECTIONS) };
  return service === "orders" ? { ...connections, SAGA_CONNECTIONS: String(SAGA_CONNECTIONS) } : connections;
}
