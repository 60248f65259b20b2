import { paymentErrors } from "../domain/errors.ts";
import type { Payment } from "../domain/payment.ts";
import type { Payments } from "../ports.ts";

export const getPayment =
  ({ payments }: { payments: Payments }) =>
  async (paymentId: string): Promise<Payment> => {
    const payment = await payments.byId(paymentId);
    if (payment) return payment;
    throw paymentErrors.PAYMENT_NOT_FOUND();
  };
