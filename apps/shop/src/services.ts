/** What is known of a service before it runs. */
interface Service {
  /** The gRPC service that it implements. */
  readonly contract: string;
  /** Where `npm start` serves gRPC, and probes and metrics. */
  readonly ports: { readonly grpc: number; readonly metrics: number };
}

/**
 * The services of the shop, in the order in which `npm start` starts them: the one list. Each is the folder `apps/<name>`, and has a
 * database, a NATS user and a key of its own. `npm run generate` writes the images, charts and values that list them, in the order of ports.
 */
export const services = {
  users: { contract: "shop.users.v1.UsersService", ports: { grpc: 5051, metrics: 9051 } },
  catalog: { contract: "shop.catalog.v1.CatalogService", ports: { grpc: 5052, metrics: 9052 } },
  inventory: { contract: "shop.inventory.v1.InventoryService", ports: { grpc: 5053, metrics: 9053 } },
  payments: { contract: "shop.payments.v1.PaymentsService", ports: { grpc: 5055, metrics: 9055 } },
  shipping: { contract: "shop.shipping.v1.ShippingService", ports: { grpc: 5056, metrics: 9056 } },
  notifications: { contract: "shop.notifications.v1.NotificationsService", ports: { grpc: 5057, metrics: 9057 } },
  orders: { contract: "shop.orders.v1.OrdersService", ports: { grpc: 5054, metrics: 9054 } },
  pricing: { contract: "shop.pricing.v1.PricingService", ports: { grpc: 5058, metrics: 9058 } },
} as const satisfies Record<string, Service>;

export type ServiceName = keyof typeof services;

export const serviceNames = Object.keys(services).filter((name): name is ServiceName => name in services);

/** Returns a value for each service. */
export function eachService<T>(make: (name: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, make(name)])) as Record<ServiceName, T>;
}
