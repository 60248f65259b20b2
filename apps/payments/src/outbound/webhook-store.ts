import type { Database, Sql } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { ProviderEvent, Webhooks } from "../ports.ts";

const INSERT = statement(
  "webhooks.insert",
  `INSERT INTO webhook_events (provider, id, type, payment_id, payload) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING RETURNING id`,
);

/** Answers whether it is the first time. */
export async function insertWebhook(
  sql: Sql,
  { provider, id, type }: ProviderEvent,
  paymentId: string,
): Promise<boolean> {
  const rows = await sql.query(INSERT, [provider, id, type, paymentId, null]);
  return rows.length > 0;
}

export function createWebhookStore(db: Database): Webhooks {
  return {
    async keepUnmatched({ provider, id, type, payment }) {
      const payload = JSON.stringify(payment, (_, value) => (typeof value === "bigint" ? Number(value) : value));
      await db.query(INSERT, [provider, id, type, null, payload]);
    },
  };
}
