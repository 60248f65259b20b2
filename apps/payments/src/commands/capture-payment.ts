import { paymentErrors } from "../domain/errors.ts";
import { captureOf, type Operation } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { Operations, Payments } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";
import { reach } from "./reach.ts";

interface Deps {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly carryOut: CarryOut;
}

/** Captures the whole hold. Capturing twice changes nothing. */
export const capturePayment = (deps: Deps) => async (orderId: string) => {
  const payment = await deps.payments.byOrder(orderId);
  if (!payment) throw paymentErrors.PAYMENT_NOT_FOUND();
  return reach(payment, towardsCapture, deps);
};

function towardsCapture(payment: Payment): Operation | undefined {
  const { orderId, status } = payment;
  switch (status) {
    case "authorised":
      return captureOf(payment);
    case "captured":
    case "refunded":
      return undefined;
    case "pending":
      throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN({ retryAfterMs: 1_000 });
    case "requires_action":
    case "declined":
    case "voided":
      throw paymentErrors.PAYMENT_NOT_AUTHORISED({ orderId, status });
  }
}
