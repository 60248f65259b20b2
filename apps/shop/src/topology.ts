import type { Topology } from "@kontor/nats";

/**
 * The streams and durable consumers of the shop: the one list that relays, consumers and checks read.
 * Names are durable: renaming a stream or a consumer abandons what the old one has not delivered.
 * Rights of NATS users and network policies are derived from it.
 */
export const topology = {
  streams: [
    { name: "users", package: "kontor.users.v1", service: "users" },
    { name: "catalog", package: "kontor.catalog.v1", service: "catalog" },
    { name: "inventory", package: "kontor.inventory.v1", service: "inventory" },
    { name: "orders", package: "kontor.orders.v1", service: "orders" },
    { name: "payments", package: "kontor.payments.v1", service: "payments" },
    { name: "shipping", package: "kontor.shipping.v1", service: "shipping" },
  ],
  consumers: [
    {
      durable: "catalog-search-products",
      service: "catalog",
      stream: "catalog",
      events: ["kontor.catalog.v1.ProductChanged"],
    },
    {
      durable: "catalog-search-stock",
      service: "catalog",
      stream: "inventory",
      events: ["kontor.inventory.v1.StockChanged"],
    },
    {
      durable: "inventory-payments",
      service: "inventory",
      stream: "payments",
      events: ["kontor.payments.v1.PaymentRefunded"],
    },
    {
      durable: "orders-payments",
      service: "orders",
      stream: "payments",
      events: [
        "kontor.payments.v1.PaymentAuthorised",
        "kontor.payments.v1.PaymentDeclined",
        "kontor.payments.v1.PaymentActionRequired",
        "kontor.payments.v1.PaymentRefunded",
      ],
    },
    {
      durable: "orders-shipping",
      service: "orders",
      stream: "shipping",
      events: ["kontor.shipping.v1.ShipmentPickedUp", "kontor.shipping.v1.ShipmentDelivered"],
    },
    {
      durable: "notifications-users",
      service: "notifications",
      stream: "users",
      events: ["kontor.users.v1.UserRegistered", "kontor.users.v1.UserUpdated"],
    },
    {
      durable: "notifications-orders",
      service: "notifications",
      stream: "orders",
      events: [
        "kontor.orders.v1.OrderConfirmed",
        "kontor.orders.v1.OrderRejected",
        "kontor.orders.v1.OrderCancelled",
        "kontor.orders.v1.OrderShipped",
      ],
    },
    {
      durable: "notifications-payments",
      service: "notifications",
      stream: "payments",
      events: ["kontor.payments.v1.PaymentRefunded"],
    },
  ],
  edges: [
    {
      service: "gateway",
      // What drops its cached responses (`invalidated_by` of the contracts), and what ends streams.
      listens: [
        "kontor.catalog.v1.CategoryChanged",
        "kontor.catalog.v1.CategoryCreated",
        "kontor.catalog.v1.ProductChanged",
        "kontor.users.v1.SessionEnded",
      ],
      stores: [
        { stream: "KV_gateway-idempotency", subjects: "$KV.gateway-idempotency.>" },
        { stream: "GATEWAY_RATE_LIMITS", subjects: "kontor-gateway.rate-limits.>" },
      ],
    },
  ],
} as const satisfies Topology;
