import type { PaymentStatus } from "./payment.ts";

/** A payment as the card provider knows it. */
export interface ProviderPayment {
  readonly id: string;
  /** Our order id. */
  readonly reference: string;
  readonly status: PaymentStatus;
  readonly amount: bigint;
  readonly currency: string;
  readonly captured: bigint;
  readonly refunded: bigint;
  readonly declineCode?: string | undefined;
  readonly actionUrl?: string | undefined;
}
