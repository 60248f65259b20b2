import type { ServiceName } from "@kontor/shop";

/** A table that grows, and the condition of the rows that belong to one order or product, whose ids are $1. */
export type GrowingTable = {
  readonly table: string;
  readonly of: string;
  /** The column that spreads copies over buyers. */
  readonly buyer?: string;
};

/** The tables of a service that grow with orders, in the order of their foreign keys. */
export const tablesOfOrders: Readonly<Partial<Record<ServiceName, readonly GrowingTable[]>>> = {
  orders: [
    { table: "orders", of: "id = ANY ($1)", buyer: "user_id" },
    { table: "order_search", of: "order_id = ANY ($1)" },
    { table: "events", of: "stream_id = ANY ($1)" },
    { table: "sagas", of: "id = ANY ($1)" },
    { table: "saga_log", of: "id = ANY ($1)" },
    { table: "idempotency_claims", of: "result = ANY ($1)" },
    { table: "outbox", of: "key = ANY ($1)" },
  ],
  inventory: [
    { table: "reservations", of: "order_id = ANY ($1)" },
    { table: "reservation_items", of: "order_id = ANY ($1)" },
    { table: "stock_movements", of: "reference = ANY ($1)" },
  ],
  payments: [
    { table: "payments", of: "order_id = ANY ($1)", buyer: "user_id" },
    { table: "operations", of: "payment_id = (SELECT id FROM payments WHERE order_id = ANY ($1))" },
    { table: "ledger_transactions", of: "payment_id = (SELECT id FROM payments WHERE order_id = ANY ($1))" },
    {
      table: "ledger_entries",
      of: `transaction_id IN (
        SELECT l.id FROM ledger_transactions l JOIN payments p ON p.id = l.payment_id WHERE p.order_id = ANY ($1))`,
    },
    { table: "outbox", of: "key = ANY ($1)" },
  ],
  shipping: [
    { table: "shipments", of: "order_id = ANY ($1)", buyer: "user_id" },
    { table: "tracking_events", of: "order_id = ANY ($1)" },
    { table: "outbox", of: "key = ANY ($1)" },
  ],
  notifications: [
    { table: "notifications", of: "order_id = ANY ($1)", buyer: "user_id" },
    { table: "delivery_attempts", of: "notification_id IN (SELECT id FROM notifications WHERE order_id = ANY ($1))" },
  ],
};

/** The tables that grow with products. The ids of a product are its own and its SKUs. */
export const tablesOfProducts: Readonly<Partial<Record<ServiceName, readonly GrowingTable[]>>> = {
  catalog: [
    { table: "products", of: "id = ANY ($1)" },
    { table: "variants", of: "product_id = ANY ($1)" },
    { table: "search_products", of: "product_id = ANY ($1)" },
    { table: "search_stock", of: "product_id = ANY ($1)" },
  ],
  inventory: [
    { table: "skus", of: "sku = ANY ($1)" },
    { table: "stock_levels", of: "sku = ANY ($1)" },
    { table: "stock_ranking", of: "sku = ANY ($1)" },
  ],
};
