import { knownUnlessValid } from "@kontor/idempotency";
import { paymentErrors } from "../domain/errors.ts";
import { authorisation } from "../domain/operation.ts";
import type { NewPayment, Payment } from "../domain/payment.ts";
import type { Now, Payments } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

interface Deps {
  readonly payments: Payments;
  readonly carryOut: CarryOut;
  readonly now: Now;
}

/**
 * Holds the amount on the card. The order is the key: repeating the request returns the same payment, also where a newer version or another
 * setting would refuse it; `validate` throws for a new payment only.
 */
export const authorisePayment =
  ({ payments, carryOut, now }: Deps) =>
  async (request: NewPayment, validate: () => void): Promise<Payment> => {
    const known = await knownUnlessValid(validate, () => payments.byOrder(request.orderId));
    const opened = known === undefined ? await payments.open(request, now()) : undefined;
    return answer(opened ? await carryOut.start(authorisation(opened), opened) : await repeated(request));

    async function repeated({ orderId, userId, amount, currency }: NewPayment): Promise<Payment> {
      const payment = await payments.byOrder(orderId);
      if (!payment) throw paymentErrors.PAYMENT_NOT_FOUND();
      if (payment.status === "voided") return payment;
      if (payment.amount !== amount || payment.currency !== currency || payment.userId !== userId) {
        throw paymentErrors.PAYMENT_DIFFERS({ orderId, amount: payment.amount, currency: payment.currency });
      }
      if (payment.status !== "pending") return payment;
      return payment.providerReference ? carryOut.refresh(payment) : carryOut.finishAll(payment);
    }
  };

function answer(payment: Payment): Payment {
  if (payment.status === "voided") throw paymentErrors.PAYMENT_CLOSED({ orderId: payment.orderId });
  if (payment.status === "pending") throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN({ retryAfterMs: 1_000 });
  return payment;
}
