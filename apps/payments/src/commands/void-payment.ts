import { close } from "../domain/close.ts";
import { paymentErrors } from "../domain/errors.ts";
import { observe } from "../domain/observe.ts";
import { authorisationKey, type Operation, voidOf } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { CardProvider, Now, Operations, Payments } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";
import { reach } from "./reach.ts";

interface Deps {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly provider: CardProvider;
  readonly carryOut: CarryOut;
  readonly now: Now;
}

/** Releases the hold, or stores a closed payment where there is none, so that a late authorisation fails. Voiding twice changes nothing. */
export const voidPayment = (deps: Deps) => {
  const { payments, provider, now } = deps;

  return async (orderId: string): Promise<Payment> => {
    const payment = (await payments.byOrder(orderId)) ?? (await payments.closeUnopened(orderId, now()));
    const unheard = payment.status === "pending" && !payment.providerReference;
    return reach(unheard ? await findOut(payment) : payment, towardsVoid, deps);
  };

  /** Queries the provider for the unknown outcome of an authorisation. It must not request the authorisation now. */
  async function findOut(payment: Payment): Promise<Payment> {
    const seen = await provider.outcomeOf(authorisationKey(payment.orderId));
    return payments.update(payment, (current) => (seen ? observe(current, seen, now()) : close(current, now())));
  }
};

function towardsVoid(payment: Payment): Operation | undefined {
  switch (payment.status) {
    case "pending":
    case "requires_action":
    case "authorised":
      return voidOf(payment);
    case "declined":
    case "voided":
      return undefined;
    case "captured":
    case "refunded":
      throw paymentErrors.PAYMENT_CAPTURED({ orderId: payment.orderId });
  }
}
