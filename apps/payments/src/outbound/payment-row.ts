import { declineCodeOf } from "../domain/decline-code.ts";
import type { Payment, PaymentStatus } from "../domain/payment.ts";

export interface PaymentRow {
  readonly id: string;
  readonly version: number;
  readonly order_id: string;
  readonly user_id: string;
  readonly status: PaymentStatus;
  readonly method: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly decline_code: string | null;
  readonly action_url: string | null;
  readonly provider_reference: string | null;
  readonly forgotten_since: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export function toPayment(row: PaymentRow): Payment {
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
