import type { Database } from "@kontor/postgres";
import { authorisationKey } from "../domain/operation.ts";
import type { NewPayment, Payment } from "../domain/payment.ts";
import type { Payments } from "../ports.ts";
import { recordUnchanged, saveChange } from "./payment-changes.ts";
import { listStatement } from "./payment-list.ts";
import { type PaymentRow, toPayment } from "./payment-row.ts";

const OPEN = `
  WITH opened AS (
    INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
    VALUES ($1, $2, 'pending', $3, $4, $5, $6, $6)
    ON CONFLICT (order_id) DO NOTHING
    RETURNING *
  ), started AS (
    INSERT INTO operations (key, payment_id, kind, amount) SELECT $7, id, 'authorise', amount FROM opened
  )
  SELECT * FROM opened`;

const CLOSE_UNOPENED = `
  INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
  VALUES ($1, '', 'voided', '', 0, '', $2, $2)
  ON CONFLICT (order_id) DO UPDATE SET version = payments.version
  RETURNING *`;

// Asked again after the payment's age once more, between 5 s and 5 min.
const CLAIM_UNDECIDED = `
  UPDATE payments SET check_at = now() + least(greatest(now() - created_at, interval '5 seconds'), interval '5 minutes')
  WHERE id IN (SELECT id FROM payments WHERE check_at <= now() ORDER BY check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING *`;

export function createPaymentStore(db: Database): Payments {
  async function first(text: string, values: readonly unknown[], name: string): Promise<Payment | undefined> {
    const [row] = await db.query<PaymentRow>(text, values, { name });
    return row && toPayment(row);
  }

  const byId = (id: string) => first("SELECT * FROM payments WHERE id = $1", [id], "payments.by-id");

  async function existing(id: string): Promise<Payment> {
    const payment = await byId(id);
    if (payment) return payment;
    throw new Error(`Payment ${id} has vanished.`);
  }

  return {
    open: ({ orderId, userId, method, amount, currency }: NewPayment, at) =>
      first(OPEN, [orderId, userId, method, amount, currency, at, authorisationKey(orderId)], "payments.open"),
    async closeUnopened(orderId, at) {
      const payment = await first(CLOSE_UNOPENED, [orderId, at], "payments.close-unopened");
      if (payment) return payment;
      throw new Error(`Order ${orderId} was left without a payment.`);
    },
    byOrder: (orderId) => first("SELECT * FROM payments WHERE order_id = $1", [orderId], "payments.by-order"),
    byId,
    async list(filter, page) {
      const { sql, values } = listStatement("*", filter, page);
      return (await db.query<PaymentRow>(sql, values)).map(toPayment);
    },
    async update(payment, change, cause) {
      for (let current = payment; ; current = await existing(payment.id)) {
        const wanted = change(current);
        if (wanted.payment === current) {
          await recordUnchanged(db, current, cause);
          return current;
        }
        const saved = await saveChange(db, wanted, cause);
        if (saved === "received before") return current;
        if (saved !== "overtaken") return saved;
      }
    },
    async setForgotten(id, forgotten) {
      const text =
        "UPDATE payments SET forgotten_since = CASE WHEN $2 THEN coalesce(forgotten_since, now()) END WHERE id = $1";
      await db.query(text, [id, forgotten], { name: "payments.set-forgotten" });
    },
    async claimUndecided(limit) {
      const rows = await db.query<PaymentRow>(CLAIM_UNDECIDED, [limit], { name: "payments.claim-undecided" });
      return rows.map(toPayment);
    },
  };
}
