import { event, type OutgoingEvent } from "@kontor/messaging";
import {
  PaymentActionRequiredSchema,
  PaymentAuthorisedSchema,
  PaymentCapturedSchema,
  PaymentDeclinedSchema,
  PaymentRefundedSchema,
  PaymentVoidedSchema,
} from "@kontor/shop/contracts/payments/v1/events";
import { present } from "@kontor/text";
import type { Payment, PaymentEvent } from "../domain/payment.ts";
import { paymentMessage } from "./payment-message.ts";

const SCHEMAS = {
  "action-required": PaymentActionRequiredSchema,
  authorised: PaymentAuthorisedSchema,
  declined: PaymentDeclinedSchema,
  captured: PaymentCapturedSchema,
  voided: PaymentVoidedSchema,
} as const;

/** Returns the published event of a payment's change. */
export function toMessage(after: Payment, happened: PaymentEvent): OutgoingEvent {
  const payment = paymentMessage(after);
  const key = after.orderId;
  if (happened.type === "refunded") {
    const { amount: minor, origin: { actor, reason, restock = [] } = {} } = happened;
    // Pods of the version before read `amountMinor`.
    const amounts = { amount: { currency: after.currency, minor }, amountMinor: minor };
    return event(
      PaymentRefundedSchema,
      { payment, ...amounts, ...present({ actor, reason }), restock: [...restock] },
      { key },
    );
  }
  return event(SCHEMAS[happened.type], { payment }, { key });
}
