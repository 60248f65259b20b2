import { paymentErrors } from "../domain/errors.ts";
import { refundKey } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { Operations, Payments, RefundRequest } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

interface Needs {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly carryOut: CarryOut;
}

/** Gives back a part of what was taken, or all that is left for amount 0. The same key again changes nothing. */
export const refundPayment =
  ({ payments, operations, carryOut }: Needs) =>
  async (paymentId: string, { key, ...request }: RefundRequest): Promise<Payment> => {
    const payment = await payments.byId(paymentId);
    if (!payment) throw paymentErrors.PAYMENT_NOT_FOUND();
    const begun = await operations.beginRefund(payment, { ...request, key: refundKey(payment, key) });
    return begun === "repeated" ? carryOut.finishAll(payment) : carryOut.start(begun, payment);
  };
