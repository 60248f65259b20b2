import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type PaymentSchema, PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { present } from "@kontor/text";
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

/** Returns the payment as the contract shows it. One that was voided before it was opened has no user and no amounts. */
export function paymentMessage(payment: Payment): MessageInitShape<typeof PaymentSchema> {
  const { userId, declineCode, actionUrl, providerReference } = payment;
  return {
    id: payment.id,
    orderId: payment.orderId,
    status: STATUS[payment.status],
    ...(payment.currency !== "" && amountsOf(payment)),
    // Pods of the version before read these.
    ...{ capturedMinor: payment.captured, refundedMinor: payment.refunded },
    ...present({ userId, declineCode, actionUrl, providerReference }),
    createdAt: timestampFromDate(payment.createdAt),
    updatedAt: timestampFromDate(payment.updatedAt),
  };
}

function amountsOf({ currency, amount, captured, refunded }: Payment) {
  return {
    amount: { currency, minor: amount },
    captured: { currency, minor: captured },
    refunded: { currency, minor: refunded },
  };
}
