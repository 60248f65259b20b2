import type { Database, Sql } from "@kontor/postgres";
import type { Booking, Payment } from "../domain/payment.ts";
import { statement } from "../gen/statements.ts";
import type { Ledger } from "../ports.ts";

const BOOK = statement(
  "ledger.book",
  `WITH booked AS (
    INSERT INTO ledger_transactions (payment_id, kind, key, actor, reason) VALUES ($1, $2, $3, $8, $9) RETURNING id
  )
  INSERT INTO ledger_entries (transaction_id, account, amount, currency)
  SELECT id, account, amount, $7
  FROM booked, (VALUES ($4, $6::bigint), ($5, -$6::bigint)) AS entry (account, amount)`,
);

const OF_PAYMENT = statement(
  "ledger.of-payment",
  `SELECT transaction_id AS "transactionId", kind, account, amount, currency, at,
    coalesce(actor, '') AS actor, coalesce(reason, '') AS reason
  FROM ledger_entries JOIN ledger_transactions ON id = transaction_id
  WHERE payment_id = $1
  ORDER BY at, transaction_id, amount DESC`,
);

export async function book(sql: Sql, { id, currency }: Payment, booking: Booking): Promise<void> {
  const { kind, key, debit, credit, amount, actor, reason } = booking;
  await sql.query(BOOK, [id, kind, key, debit, credit, amount, currency, actor, reason]);
}

export function createLedgerStore(db: Database): Ledger {
  return { ofPayment: (paymentId) => db.reads.query(OF_PAYMENT, [paymentId]) };
}
