import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type PaymentSchema, PaymentStatus } from "@kontor/contracts/payments/v1/payment";
import type { Payment } from "../domain/payment.ts";

const STATUS = {
  pending: PaymentStatus.PENDING,
  requires_action: PaymentStatus.REQUIRES_ACTION,
  authorised: PaymentStatus.AUTHORISED,
  declined: PaymentStatus.DECLINED,
  captured: PaymentStatus.CAPTURED,
  voided: PaymentStatus.VOIDED,
  refunded: PaymentStatus.REFUNDED,
} as const satisfies Record<Payment["status"], PaymentStatus>;

/** The payment as the contract shows it. */
export function paymentMessage(payment: Payment): MessageInitShape<typeof PaymentSchema> {
  return {
    id: payment.id,
    orderId: payment.orderId,
    userId: payment.userId,
    status: STATUS[payment.status],
    amount: { currency: payment.currency, minor: payment.amount },
    captured: { currency: payment.currency, minor: payment.captured },
    refunded: { currency: payment.currency, minor: payment.refunded },
    // Pods of the version before read these.
    ...{ capturedMinor: payment.captured, refundedMinor: payment.refunded },
    declineCode: payment.declineCode ?? "",
    actionUrl: payment.actionUrl ?? "",
    providerReference: payment.providerReference ?? "",
    createdAt: timestampFromDate(payment.createdAt),
    updatedAt: timestampFromDate(payment.updatedAt),
  };
}
