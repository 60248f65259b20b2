import type { RowOf } from "@kontor/postgres";
import { declineCodeOf } from "../domain/decline-code.ts";
import type { Payment } from "../domain/payment.ts";
import { statement } from "../gen/statements.ts";

/** The columns that make a payment. */
export const COLUMNS = `id, version, order_id, user_id, status, method, amount, currency, captured, refunded, decline_code, action_url,
  provider_reference, forgotten_since, created_at, updated_at`;

export const BY_ID = statement("payments.by-id", `SELECT ${COLUMNS} FROM payments WHERE id = $1`);

export function toPayment(row: RowOf<typeof BY_ID>): Payment {
  return {
    id: row.id,
    version: row.version,
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    method: row.method,
    amount: row.amount,
    currency: row.currency,
    captured: row.captured,
    refunded: row.refunded,
    declineCode: row.decline_code === null ? undefined : declineCodeOf(row.decline_code), // Old rows have the provider's.
    actionUrl: row.action_url ?? undefined,
    providerReference: row.provider_reference ?? undefined,
    forgottenSince: row.forgotten_since ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
