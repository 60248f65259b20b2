import { duration } from "@kontor/config";

/** What inventory can be told, besides what every service can. */
export const settings = {
  reservationTtlMs: duration("RESERVATION_TTL", {
    default: "15m",
    min: 1,
    doc: "How long units are held for an order. Must be more than orders' CHECKOUT_DEADLINE.",
  }),
  sweepIntervalMs: duration("RESERVATION_SWEEP_INTERVAL", {
    default: "1s",
    min: 10,
    doc: "How often reservations that nobody committed in time are looked for.",
  }),
  announceIntervalMs: duration("STOCK_ANNOUNCE_INTERVAL", {
    default: "100ms",
    min: 10,
    doc: "How often changed stock is published; changes of a SKU within this time share one event.",
  }),
};
