import type { Database, RowOf } from "@kontor/postgres";
import { authorisationKey } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import { statement } from "../gen/statements.ts";
import type { Payments } from "../ports.ts";
import { recordUnchanged, saveChange } from "./payment-changes.ts";
import { listStatement } from "./payment-list.ts";
import { BY_ID, COLUMNS, toPayment } from "./payment-row.ts";

const OPEN = statement(
  "payments.open",
  `WITH opened AS (
    INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
    VALUES ($1, $2, 'pending', $3, $4, $5, $6, $6)
    ON CONFLICT (order_id) DO NOTHING
    RETURNING ${COLUMNS}
  ), started AS (
    INSERT INTO operations (key, payment_id, kind, amount) SELECT $7, id, 'authorise', amount FROM opened
  )
  SELECT * FROM opened`,
);

const CLOSE_UNOPENED = statement(
  "payments.close-unopened",
  `INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
  VALUES ($1, '', 'voided', '', 0, '', $2, $2)
  ON CONFLICT (order_id) DO UPDATE SET version = payments.version
  RETURNING ${COLUMNS}`,
);

const BY_ORDER = statement("payments.by-order", `SELECT ${COLUMNS} FROM payments WHERE order_id = $1`);

const SET_FORGOTTEN = statement(
  "payments.set-forgotten",
  "UPDATE payments SET forgotten_since = CASE WHEN $2 THEN coalesce(forgotten_since, now()) END WHERE id = $1",
);

// Asked again after the payment's age once more, between 5 s and 5 min.
const CLAIM_UNDECIDED = statement(
  "payments.claim-undecided",
  `UPDATE payments SET check_at = now() + least(greatest(now() - created_at, interval '5 seconds'), interval '5 minutes')
  WHERE id IN (SELECT id FROM payments WHERE check_at <= now() ORDER BY check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}`,
);

export function createPaymentStore(db: Database): Payments {
  const first = ([row]: readonly RowOf<typeof BY_ID>[]) => row && toPayment(row);
  const byId = async (id: string) => first(await db.query(BY_ID, [id]));

  async function existing(id: string): Promise<Payment> {
    const payment = await byId(id);
    if (payment) return payment;
    throw new Error(`Payment ${id} has vanished.`);
  }

  return {
    async open({ orderId, userId, method, amount, currency }, at) {
      const payment = [orderId, userId, method, amount, currency] as const;
      return first(await db.query(OPEN, [...payment, at, authorisationKey(orderId)]));
    },
    async closeUnopened(orderId, at) {
      const payment = await first(await db.query(CLOSE_UNOPENED, [orderId, at]));
      if (payment) return payment;
      throw new Error(`Order ${orderId} was left without a payment.`);
    },
    byOrder: async (orderId) => first(await db.query(BY_ORDER, [orderId])),
    byId,
    list: async (filter, page) => (await db.query(listStatement(filter, page))).map(toPayment),
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
      await db.query(SET_FORGOTTEN, [id, forgotten]);
    },
    async claimUndecided(limit) {
      const rows = await db.query(CLAIM_UNDECIDED, [limit]);
      return rows.map(toPayment);
    },
  };
}
