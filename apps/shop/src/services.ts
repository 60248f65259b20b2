/** The facts about a service before it runs. */
interface Service {
  /** The gRPC service that it implements. */
  readonly contract: string;
  /** Where `npm start` serves gRPC, and probes and metrics. */
  readonly ports: { readonly grpc: number; readonly metrics: number };
  /** The stream of its events, those of the package of its contract. Durable: a new name starts empty. Default: it publishes none. */
  readonly stream?: string;
  /** Its consumers by the names of their durables. Durable: a new name receives everything again. */
  readonly consumers?: Readonly<Record<string, Consumer>>;
}

/** Which events a consumer receives. */
interface Consumer {
  readonly stream: string;
  /** Full type names, such as `shop.orders.v1.OrderConfirmed`. */
  readonly events: readonly string[];
  /** Largest number of partitions between which replicas may divide it. Default 1. */
  readonly maxPartitions?: number;
}

/** Each partition is a durable, which receives the events of all and handles those of its keys. */
const MAX_PARTITIONS = 8;

/**
 * The services of the shop, in the order in which `npm start` starts them: the one list. Each is the folder `apps/<name>`, and has its own
 * database, NATS user and key. `topology.ts` takes streams and consumers from it. `npm run generate` writes the images, charts, values,
 * dashboards and diagrams that list services, in the order of ports.
 */
export const services = {
  users: {
    contract: "shop.users.v1.UsersService",
    ports: { grpc: 5051, metrics: 9051 },
    stream: "users",
  },
  catalog: {
    contract: "shop.catalog.v1.CatalogService",
    ports: { grpc: 5052, metrics: 9052 },
    stream: "catalog",
    consumers: {
      "catalog-search-products": {
        stream: "catalog",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.catalog.v1.ProductChanged"],
      },
      "catalog-search-stock": {
        stream: "inventory",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.inventory.v1.StockChanged"],
      },
    },
  },
  inventory: {
    contract: "shop.inventory.v1.InventoryService",
    ports: { grpc: 5053, metrics: 9053 },
    stream: "inventory",
    consumers: {
      "inventory-payments": {
        stream: "payments",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.payments.v1.PaymentRefunded"],
      },
    },
  },
  payments: {
    contract: "shop.payments.v1.PaymentsService",
    ports: { grpc: 5055, metrics: 9055 },
    stream: "payments",
  },
  shipping: {
    contract: "shop.shipping.v1.ShippingService",
    ports: { grpc: 5056, metrics: 9056 },
    stream: "shipping",
  },
  notifications: {
    contract: "shop.notifications.v1.NotificationsService",
    ports: { grpc: 5057, metrics: 9057 },
    consumers: {
      "notifications-users": {
        stream: "users",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.users.v1.UserRegistered", "shop.users.v1.UserUpdated"],
      },
      "notifications-orders": {
        stream: "orders",
        maxPartitions: MAX_PARTITIONS,
        events: [
          "shop.orders.v1.OrderConfirmed",
          "shop.orders.v1.OrderRejected",
          "shop.orders.v1.OrderCancelled",
          "shop.orders.v1.OrderShipped",
        ],
      },
      "notifications-payments": {
        stream: "payments",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.payments.v1.PaymentRefunded"],
      },
    },
  },
  orders: {
    contract: "shop.orders.v1.OrdersService",
    ports: { grpc: 5054, metrics: 9054 },
    stream: "orders",
    consumers: {
      "orders-payments": {
        stream: "payments",
        maxPartitions: MAX_PARTITIONS,
        events: [
          "shop.payments.v1.PaymentAuthorised",
          "shop.payments.v1.PaymentDeclined",
          "shop.payments.v1.PaymentActionRequired",
          "shop.payments.v1.PaymentRefunded",
        ],
      },
      "orders-shipping": {
        stream: "shipping",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.shipping.v1.ShipmentPickedUp", "shop.shipping.v1.ShipmentDelivered"],
      },
      "orders-users": {
        stream: "users",
        maxPartitions: MAX_PARTITIONS,
        events: ["shop.users.v1.UserEmailVerified"],
      },
    },
  },
  pricing: {
    contract: "shop.pricing.v1.PricingService",
    ports: { grpc: 5058, metrics: 9058 },
    stream: "pricing",
  },
} as const satisfies Record<string, Service>;

export type ServiceName = keyof typeof services;

export const serviceNames = Object.keys(services).filter((name): name is ServiceName => name in services);

/** Returns a value for each service. */
export function eachService<T>(make: (name: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, make(name)])) as Record<ServiceName, T>;
}

/** Returns what the list says of a service. */
export const serviceNamed = (name: ServiceName): Service => services[name];
