import { duration, integer, list, text } from "@kontor/config";
import { idempotencySettings } from "@kontor/idempotency";
import { DEFAULT_PAYMENT_METHODS, PAYMENT_METHODS_DOC, usersAddress } from "@kontor/shop";

/** The settings of orders, in addition to those of every service. */
export const settings = {
  usersAddress,
  catalogAddress: text("CATALOG_ADDRESS", { default: "127.0.0.1:5052", doc: "gRPC address of catalog." }),
  inventoryAddress: text("INVENTORY_ADDRESS", { default: "127.0.0.1:5053", doc: "gRPC address of inventory." }),
  paymentsAddress: text("PAYMENTS_ADDRESS", { default: "127.0.0.1:5055", doc: "gRPC address of payments." }),
  shippingAddress: text("SHIPPING_ADDRESS", { default: "127.0.0.1:5056", doc: "gRPC address of shipping." }),
  pricingAddress: text("PRICING_ADDRESS", { default: "127.0.0.1:5058", doc: "gRPC address of pricing." }),
  paymentMethods: list("PAYMENT_METHODS", { default: DEFAULT_PAYMENT_METHODS, doc: PAYMENT_METHODS_DOC }),
  ...idempotencySettings,
  cartRetentionMs: duration("CART_RETENTION", {
    default: "90d",
    min: 3_600_000,
    doc: "How long a cart lives after its last change.",
  }),
  orderLinkTtlMs: duration("ORDER_LINK_TTL", {
    default: "90d",
    min: 3_600_000,
    doc: "How long a link of a mail opens the order of a guest.",
  }),
  checkoutDeadlineMs: duration("CHECKOUT_DEADLINE", {
    default: "10m",
    doc: "Time from the first attempt of a checkout until it is undone unless it has reached its pivot. Must be less than inventory's RESERVATION_TTL.",
  }),
  checkoutMaxWaitMs: duration("CHECKOUT_MAX_WAIT", {
    default: "5s",
    doc: "How long an accepted order may wait for its checkout. While it would be longer, placing orders fails with OVERLOADED.",
  }),
  sagaConnections: integer("SAGA_CONNECTIONS", {
    default: 8,
    min: 1,
    max: 100,
    doc: "Limit of database connections of the sagas, in addition to those of calls and events.",
  }),
  sagaRetention: duration("SAGA_RETENTION", {
    default: "30d",
    doc: "How long ended sagas and their log are kept, at least a day; 0s keeps them.",
  }),
};
