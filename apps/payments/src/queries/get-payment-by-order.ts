import { paymentErrors } from "../domain/errors.ts";
import type { Payment } from "../domain/payment.ts";
import type { Payments } from "../ports.ts";

interface Reader {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

/** A caller without access cannot find out whether the payment exists. */
export const getPaymentByOrder =
  ({ payments }: { payments: Payments }) =>
  async (orderId: string, reader: Reader | undefined): Promise<Payment> => {
    const payment = await payments.byOrder(orderId);
    if (payment && reader && mayRead(payment, reader)) return payment;
    throw paymentErrors.PAYMENT_NOT_FOUND();
  };

function mayRead({ userId }: Payment, { subject, scopes }: Reader): boolean {
  return userId === subject || scopes.has("orders.read.any");
}
