import { createBatch } from "@kontor/batch";
import type { Database, Sql } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { ProviderEvent, Webhooks } from "../ports.ts";

const INSERT = statement(
  "webhooks.insert",
  `INSERT INTO webhook_events (provider, id, type, payment_id, payload) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING RETURNING id`,
);

/** Returns whether it is the first time. */
export async function insertWebhook(
  sql: Sql,
  { provider, id, type }: ProviderEvent,
  paymentId: string,
): Promise<boolean> {
  const rows = await sql.query(INSERT, [provider, id, type, paymentId, null]);
  return rows.length > 0;
}

interface Reception {
  readonly event: ProviderEvent;
  readonly paymentId: string;
}

const RECEIVE = statement(
  "webhooks.receive",
  `INSERT INTO webhook_events (provider, id, type, payment_id)
  SELECT provider, id, type, payment_id FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) AS received (provider, id, type, payment_id)
  ORDER BY provider, id ON CONFLICT DO NOTHING`,
);

/** Creates the function that stores webhooks without a change. Concurrent calls share a statement. */
export function createReceiveWebhook(db: Sql) {
  return createBatch<Reception, void>({
    name: "payments.webhooks",
    async run(receptions) {
      const events = receptions.map(({ event }) => event);
      const columns = [
        events.map(({ provider }) => provider),
        events.map(({ id }) => id),
        events.map(({ type }) => type),
      ] as const;
      await db.query(RECEIVE, [...columns, receptions.map(({ paymentId }) => paymentId)]);
      return receptions.map(() => undefined);
    },
  });
}

/** Creates the store of webhooks that are about no payment of the shop. */
export function createWebhookStore(db: Database): Webhooks {
  return {
    async keepUnmatched({ provider, id, type, payment }) {
      const payload = JSON.stringify(payment, (_, value) => (typeof value === "bigint" ? Number(value) : value));
      await db.query(INSERT, [provider, id, type, null, payload]);
    },
  };
}
