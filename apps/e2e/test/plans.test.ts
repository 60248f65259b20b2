import { subscribe } from "node:diagnostics_channel";
import { type DefinedStatement, migrate, openDatabase, STATEMENT_CHANNEL } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { genericPlan, startPostgres } from "@kontor/testing";
import { afterAll, describe, expect, it } from "vitest";

const texts = new Map<string, string>();
subscribe(STATEMENT_CHANNEL, (message) => {
  const { owner, name, samples } = message as DefinedStatement;
  texts.set(`${owner} ${name}`, samples[0]?.text ?? "");
});

const postgres = await startPostgres();
afterAll(() => postgres.stop());

const ROWS = 50_000;
const services = {
  payments: `INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
      SELECT 'o-' || n, 'u-' || n % 1000, 'captured', 'card', 1, 'EUR', now(), now() FROM generate_series(1, ${ROWS}) n;
    INSERT INTO operations (key, payment_id, kind, amount, state) SELECT 'capture:' || order_id, id, 'capture', 1, 'settled' FROM payments`,
  shipping: `INSERT INTO shipments (id, order_id, user_id, status, check_at)
      SELECT 's-' || n, 'o-' || n, 'u-' || n % 1000, 'delivered', NULL FROM generate_series(1, ${ROWS}) n;
    INSERT INTO tracking_events (webhook_id, order_id, status, location, at)
      SELECT 'w-' || n, 'o-' || n, 'delivered', '', now() FROM generate_series(1, ${ROWS}) n`,
  inventory: `INSERT INTO skus (sku, available) SELECT 'SKU-' || n, 1 FROM generate_series(1, ${ROWS}) n;
    INSERT INTO reservations (order_id, status, expires_at) SELECT 'o-' || n, 'committed', now() FROM generate_series(1, ${ROWS}) n`,
  notifications: `INSERT INTO notifications (id, event_id, user_id, order_id, template, facts, status, sends_done)
      SELECT 'n-' || n, gen_random_uuid(), 'u-' || n % 1000, 'o-' || n, 'order-confirmed', '{}', 'sent', 1 FROM generate_series(1, ${ROWS}) n;
    INSERT INTO recipients SELECT 'u-' || n, 'u@kontor.example', '', 'en', now() FROM generate_series(1, ${ROWS}) n`,
} as const;

const hot: Readonly<Record<keyof typeof services, readonly string[]>> = {
  payments: ["payments.open", "payments.save-all", "payments.by-orders", "operations.begin-all"],
  shipping: ["shipments.begin", "shipments.save", "shipments.find"],
  inventory: ["publications.unannounced", "publications.announce"],
  notifications: ["notifications.queue", "notifications.claim", "notifications.close"],
};

describe.each(Object.entries(services) as [keyof typeof services, string][])(
  "the hot statements of %s",
  (name, fill) => {
    it("read no table as a whole, planned for any number of parameters", async () => {
      const app = await import(`../../${name}/src/app.ts`);
      const { url } = await postgres.createDatabase(name);
      await migrate({ url, folders: migrationsOf(app[`${name}App`]), log: { info: () => undefined } });
      const db = openDatabase({ url, service: "test", max: 1, statementTimeoutMs: 60_000 });
      for (const text of fill.split(";")) await db.query(text);
      await db.query("ANALYZE");
      await db.close();
      for (const statement of hot[name]) {
        const text = texts.get(`${name} ${statement}`) ?? expect.fail(`There is no statement ${statement}.`);
        const plan = await genericPlan(url, text);
        expect(plan, `${statement}\n${plan}`).not.toMatch(/Seq Scan on (?!deferred_messages)\w+/);
      }
    }, 120_000);
  },
);
