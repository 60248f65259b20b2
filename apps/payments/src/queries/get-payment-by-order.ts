import { paymentErrors } from "../domain/errors.ts";
import type { Payment } from "../domain/payment.ts";
import type { Payments } from "../ports.ts";

interface Reader {
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

/** Whoever may not see the payment learns nothing, not even that it exists. */
export const getPaymentByOrder =
  ({ payments }: { payments: Payments }) =>
  async (orderId: string, reader: Reader): Promise<Payment> => {
    const payment = await payments.byOrder(orderId);
    const mayRead = payment && (payment.userId === reader.subject || reader.scopes.has("orders.read.any"));
    if (mayRead) return payment;
    throw paymentErrors.PAYMENT_NOT_FOUND();
  };
