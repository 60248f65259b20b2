import type { Topology } from "@kontor/nats";

/** Each partition is a durable, which receives the events of all and handles those of its keys. */
const MAX_PARTITIONS = 8;

/**
 * The streams and durable consumers of the shop: the one list that relays, consumers and checks read.
 * Names are durable: renaming a stream or a consumer abandons what the old one has not delivered.
 * Rights of NATS users and network policies are derived from it.
 */
export const topology = {
  formerly: { from: "kontor", to: "shop" },
  streams: [
    { name: "users", package: "shop.users.v1", service: "users" },
    { name: "catalog", package: "shop.catalog.v1", service: "catalog" },
    { name: "inventory", package: "shop.inventory.v1", service: "inventory" },
    { name: "orders", package: "shop.orders.v1", service: "orders" },
    { name: "payments", package: "shop.payments.v1", service: "payments" },
    { name: "shipping", package: "shop.shipping.v1", service: "shipping" },
    { name: "pricing", package: "shop.pricing.v1", service: "pricing" },
  ],
  consumers: [
    {
      durable: "catalog-search-products",
      service: "catalog",
      stream: "catalog",
      maxPartitions: MAX_PARTITIONS,
      events: ["shop.catalog.v1.ProductChanged"],
    },
    {
      durable: "catalog-search-stock",
      service: "catalog",
      stream: "inventory",
      maxPartitions: MAX_PARTITIONS,
      events: ["shop.inventory.v1.StockChanged"],
    },
    {
      durable: "inventory-payments",
      service: "inventory",
      stream: "payments",
      maxPartitions: MAX_PARTITIONS,
      events: ["shop.payments.v1.PaymentRefunded"],
    },
    {
      durable: "orders-payments",
      service: "orders",
      stream: "payments",
      maxPartitions: MAX_PARTITIONS,
      events: [
        "shop.payments.v1.PaymentAuthorised",
        "shop.payments.v1.PaymentDeclined",
        "shop.payments.v1.PaymentActionRequired",
        "shop.payments.v1.PaymentRefunded",
      ],
    },
    {
      durable: "orders-shipping",
      service: "orders",
      stream: "shipping",
      maxPartitions: MAX_PARTITIONS,
      events: ["shop.shipping.v1.ShipmentPickedUp", "shop.shipping.v1.ShipmentDelivered"],
    },
    {
      durable: "notifications-users",
      service: "notifications",
      stream: "users",
      maxPartitions: MAX_PARTITIONS,
      events: ["shop.users.v1.UserRegistered", "shop.users.v1.UserUpdated"],
    },
    {
      durable: "notifications-orders",
      service: "notifications",
      stream: "orders",
      maxPartitions: MAX_PARTITIONS,
      events: [
        "shop.orders.v1.OrderConfirmed",
        "shop.orders.v1.OrderRejected",
        "shop.orders.v1.OrderCancelled",
        "shop.orders.v1.OrderShipped",
      ],
    },
    {
      durable: "notifications-payments",
      service: "notifications",
      stream: "payments",
      maxPartitions: MAX_PARTITIONS,
      events: ["shop.payments.v1.PaymentRefunded"],
    },
  ],
  edges: [
    {
      service: "gateway",
      // What drops its cached responses (`invalidated_by` of the contracts), and what ends streams.
      listens: [
        "shop.catalog.v1.CategoryChanged",
        "shop.catalog.v1.CategoryCreated",
        "shop.catalog.v1.ProductChanged",
        "shop.users.v1.SessionEnded",
      ],
      stores: [
        { stream: "KV_gateway-idempotency", subjects: "$KV.gateway-idempotency.>" },
        { stream: "GATEWAY_RATE_LIMITS", subjects: "kontor-gateway.rate-limits.>" },
      ],
    },
  ],
} as const satisfies Topology;
