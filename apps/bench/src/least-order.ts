import { randomUUID } from "node:crypto";
import pg from "pg";

const CONNECTIONS = 16;
const PRODUCTS = 20;

/** The least that an order must leave: the order, less stock, a sale, a payment that is booked, a parcel, and an event to publish. */
const TABLES = `
  DROP TABLE IF EXISTS least_orders, least_stock, least_sales, least_payments, least_entries, least_parcels, least_outbox;
  CREATE TABLE least_orders (id text PRIMARY KEY, user_id text NOT NULL, placement jsonb NOT NULL, placed_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE least_stock (sku text PRIMARY KEY, available bigint NOT NULL CHECK (available >= 0)) WITH (fillfactor = 50);
  CREATE TABLE least_sales (order_id text, sku text, quantity bigint NOT NULL, PRIMARY KEY (order_id, sku));
  CREATE TABLE least_payments (order_id text PRIMARY KEY, amount bigint NOT NULL, reference text NOT NULL);
  CREATE TABLE least_entries (order_id text, account text, amount bigint NOT NULL, PRIMARY KEY (order_id, account));
  CREATE TABLE least_parcels (order_id text PRIMARY KEY, address jsonb NOT NULL, tracking text NOT NULL);
  CREATE TABLE least_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id text NOT NULL, payload jsonb NOT NULL);
  INSERT INTO least_stock SELECT 'SKU-' || n, 1000000000 FROM generate_series(0, ${PRODUCTS - 1}) n`;

const LEAST = `
  WITH ordered AS (INSERT INTO least_orders (id, user_id, placement) VALUES ($1, 'u-1', $2::jsonb)),
    taken AS (UPDATE least_stock SET available = available - 1 WHERE sku = $3 AND available >= 1 RETURNING sku),
    sold AS (INSERT INTO least_sales SELECT $1, sku, 1 FROM taken),
    paid AS (INSERT INTO least_payments VALUES ($1, 1690, 'pay_' || $1)),
    booked AS (INSERT INTO least_entries VALUES ($1, 'provider-receivable', 1690), ($1, 'customer-orders', -1690)),
    sent AS (INSERT INTO least_parcels VALUES ($1, $4::jsonb, 'TRK-' || $1))
  INSERT INTO least_outbox (order_id, payload) VALUES ($1, $2::jsonb)`;

const ADDRESS = JSON.stringify({
  recipient: "Ada",
  line1: "Weg 1",
  city: "Berlin",
  postalCode: "10115",
  country: "DE",
});
const PLACEMENT = JSON.stringify({
  items: [{ sku: "SKU-1", title: "Thing", quantity: 1, price: { currency: "EUR", minor: "1200" } }],
  total: { currency: "EUR", minor: "1690" },
  address: JSON.parse(ADDRESS),
});

/** Writes orders, each by one statement that leaves the least an order must leave. Returns orders per second. */
export async function runLeastOrders(url: string, durationMs: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  try {
    await pool.query(TABLES);
    const began = performance.now();
    let orders = 0;
    const worker = async () => {
      while (performance.now() - began < durationMs) {
        const values = [randomUUID(), PLACEMENT, `SKU-${orders++ % PRODUCTS}`, ADDRESS];
        await pool.query({ name: "least-order", text: LEAST, values });
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    return (orders / (performance.now() - began)) * 1_000;
  } finally {
    await pool.end();
  }
}
