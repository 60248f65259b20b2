import { createBatch } from "@kontor/batch";
import type { Database, RowOf } from "@kontor/postgres";
import type { Payment } from "../domain/payment.ts";
import { statement } from "../gen/statements.ts";
import type { Payments } from "../ports.ts";
import { createRecordUnchanged, createSaveChange } from "./payment-changes.ts";
import { listStatement } from "./payment-list.ts";
import { BY_ID, COLUMNS, toPayment } from "./payment-row.ts";
import { createPaymentWrites } from "./payment-writes.ts";

const CLOSE_UNOPENED = statement(
  "payments.close-unopened",
  `INSERT INTO payments (order_id, user_id, status, method, amount, currency, created_at, updated_at)
  VALUES ($1, '', 'voided', '', 0, '', $2, $2)
  ON CONFLICT (order_id) DO UPDATE SET version = payments.version
  RETURNING ${COLUMNS}`,
);

const BY_ORDERS = statement("payments.by-orders", `SELECT ${COLUMNS} FROM payments WHERE order_id = ANY ($1)`);

const SET_FORGOTTEN = statement(
  "payments.set-forgotten",
  "UPDATE payments SET forgotten_since = CASE WHEN $2 THEN coalesce(forgotten_since, now()) END WHERE id = $1",
);

// Queried again after a time equal to the payment's age, between 5 s and 5 min.
const CLAIM_UNDECIDED = statement(
  "payments.claim-undecided",
  `UPDATE payments SET check_at = now() + least(greatest(now() - created_at, interval '5 seconds'), interval '5 minutes')
  WHERE id IN (SELECT id FROM payments WHERE check_at <= now() ORDER BY check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}`,
);

/** Limits the connections that reads by order use at once. */
const MAX_READS = 4;

/** Creates the store of payments in PostgreSQL. */
export function createPaymentStore(db: Database): Payments {
  const writes = createPaymentWrites(db);
  const saveChange = createSaveChange(db, writes);
  const recordUnchanged = createRecordUnchanged(db);
  const first = ([row]: readonly RowOf<typeof BY_ID>[]) => row && toPayment(row);
  const byId = async (id: string) => first(await db.query(BY_ID, [id]));

  async function existing(id: string): Promise<Payment> {
    const payment = await byId(id);
    if (payment) return payment;
    throw new Error(`Payment ${id} has vanished.`);
  }

  return {
    async open(payment, at) {
      const opened = await writes.open({ payment, at });
      return opened && toPayment(opened);
    },
    async closeUnopened(orderId, at) {
      const payment = await first(await db.query(CLOSE_UNOPENED, [orderId, at]));
      if (payment) return payment;
      throw new Error(`Order ${orderId} was left without a payment.`);
    },
    byOrder: createBatch({
      name: "payments.by-order",
      maxFlights: MAX_READS,
      async run(orderIds: readonly string[]) {
        const found = await db.query(BY_ORDERS, [orderIds]);
        const byOrder = new Map(found.map((row) => [row.order_id, toPayment(row)]));
        return orderIds.map((orderId) => byOrder.get(orderId));
      },
    }),
    byId,
    list: async (filter, page) => (await db.reads.query(listStatement(filter, page))).map(toPayment),
    async update(payment, change, cause) {
      for (let current = payment; ; current = await existing(payment.id)) {
        const wanted = change(current);
        if (wanted.payment === current) {
          await recordUnchanged(current, cause);
          return current;
        }
        const saved = await saveChange(wanted, cause);
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
