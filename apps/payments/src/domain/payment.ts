import type { DeclineCode } from "./decline-code.ts";
import type { RefundPart } from "./refund-parts.ts";

export type PaymentStatus =
  | "pending"
  | "requires_action"
  | "authorised"
  | "declined"
  | "captured"
  | "voided"
  | "refunded";

/** The one payment of an order. Amounts are minor units of `currency`. */
export interface Payment {
  readonly id: string;
  /** Counts the changes; a change of an old version is refused by the store. */
  readonly version: number;
  readonly orderId: string;
  readonly userId: string;
  readonly status: PaymentStatus;
  readonly method: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly declineCode?: DeclineCode | undefined;
  readonly actionUrl?: string | undefined;
  /** Set once the provider is known to know the payment. */
  readonly providerReference?: string | undefined;
  /** The time since which the provider does not know the payment. */
  readonly forgottenSince?: Date | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewPayment = Pick<Payment, "orderId" | "userId" | "method" | "amount" | "currency">;

export type PaymentEvent =
  | { readonly type: "action-required" | "authorised" | "declined" | "captured" | "voided" }
  | { readonly type: "refunded"; readonly amount: bigint; readonly origin?: RefundPart };

/** The effects of a payment's change, stored together or not at all. */
export interface Change {
  readonly payment: Payment;
  readonly events: readonly PaymentEvent[];
  readonly bookings: readonly Booking[];
  /** The provider holds money for a payment that is closed here: the provider must release the hold. */
  readonly liftHold?: boolean;
}

/** One transaction of the ledger. The key makes it unique. */
export interface Booking {
  readonly key: string;
  readonly kind: "capture" | "refund";
  readonly debit: Account;
  readonly credit: Account;
  readonly amount: bigint;
  /** The actor: `service:orders`, `staff:<id>`, `user:<id>` or `provider`. */
  readonly actor: string;
  readonly reason: string;
}

type Account = "provider-receivable" | "customer-orders";

export function unchanged(payment: Payment): Change {
  return { payment, events: [], bookings: [] };
}
