import { duration, integer } from "@kontor/config";
import { idempotencySettings } from "@kontor/idempotency";

/** Settings of inventory, next to those of every service. */
export const settings = {
  ...idempotencySettings,
  reservationTtlMs: duration("RESERVATION_TTL", {
    default: "15m",
    min: 1,
    doc: "How long units are held for an order. Must be more than orders' CHECKOUT_DEADLINE.",
  }),
  sweepIntervalMs: duration("RESERVATION_SWEEP_INTERVAL", {
    default: "1s",
    min: 10,
    doc: "How often reservations whose time is over are expired; five times less often while there are none.",
  }),
  announceIntervalMs: duration("STOCK_ANNOUNCE_INTERVAL", {
    default: "100ms",
    min: 10,
    doc: "How long after a change stock is published; changes of a SKU within this time share one event.",
  }),
  lockMs: duration("STOCK_LOCK_TIMEOUT", {
    default: "500ms",
    min: 10,
    doc: "How long a change of stock waits for the locked row of its order or SKU before it fails with STOCK_BUSY. Must be well below 5 s, the time limit of the callers.",
  }),
  lowStock: integer("AVAILABILITY_LOW_STOCK", {
    default: 5,
    min: 0,
    max: 999,
    doc: "Up to this number of units shoppers see how many are left. With 0 they see only whether a SKU is in stock.",
  }),
};
