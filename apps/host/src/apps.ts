import type { Settings } from "@kontor/config";
import type { ProcessDefinition, ServiceDefinition, Stoppable } from "@kontor/service";
import type { AppName, ServiceName } from "@kontor/shop";

type Service = ServiceDefinition<Settings>;
type Edge = ProcessDefinition<Settings, Stoppable>;

/** Loads a service. A process loads only its own apps. `npm run generate` writes the list. */
const services: Readonly<Record<ServiceName, () => Promise<Service>>> = {
  users: async () => (await import("../../users/src/app.ts")).usersApp,
  catalog: async () => (await import("../../catalog/src/app.ts")).catalogApp,
  inventory: async () => (await import("../../inventory/src/app.ts")).inventoryApp,
  orders: async () => (await import("../../orders/src/app.ts")).ordersApp,
  payments: async () => (await import("../../payments/src/app.ts")).paymentsApp,
  shipping: async () => (await import("../../shipping/src/app.ts")).shippingApp,
  notifications: async () => (await import("../../notifications/src/app.ts")).notificationsApp,
  pricing: async () => (await import("../../pricing/src/app.ts")).pricingApp,
};

/** Loads the apps that a process runs: its services, and the gateway as their client. */
export async function loadApps(names: readonly AppName[]): Promise<{ services: Service[]; edges: Edge[] }> {
  const wanted = names.filter((name) => name !== "gateway");
  const loaded = await Promise.all(wanted.map((name) => services[name]()));
  const edges = names.includes("gateway") ? [(await import("../../gateway/src/app.ts")).gatewayProcess] : [];
  return { services: loaded, edges };
}
