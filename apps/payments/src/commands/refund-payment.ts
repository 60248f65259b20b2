import { createHash } from "node:crypto";
import { type CallLimits, type Idempotency, requestHash } from "@kontor/idempotency";
import { paymentErrors } from "../domain/errors.ts";
import { FORGOTTEN, type Operation, refundKey } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { Inventory, Operations, Payments, RefundRequest } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

interface Deps {
  readonly idempotency: Idempotency;
  readonly payments: Payments;
  readonly operations: Operations;
  readonly inventory: Inventory;
  readonly carryOut: CarryOut;
}

/** The limits of the call, and the function that throws if the fields of a new refund are invalid. */
export interface RefundTerms {
  readonly call: CallLimits;
  readonly validate: () => void;
}

/**
 * Refunds a part of the captured amount, or all that is left for amount 0. The key belongs to the payment; the same key and request change
 * nothing. A stored refusal remains, from the shop or from the provider.
 */
export const refundPayment =
  ({ idempotency, payments, operations, inventory, carryOut }: Deps) =>
  async (paymentId: string, { key, ...request }: RefundRequest, { call, validate }: RefundTerms): Promise<Payment> => {
    const payment = await payments.byId(paymentId);
    if (!payment) {
      validate();
      throw paymentErrors.PAYMENT_NOT_FOUND();
    }
    const { amount, currency = payment.currency, reason, restock } = request;
    const foreign = currency !== payment.currency && { currency };
    const hash = requestHash({ amount, reason, ...(restock.length > 0 && { restock }), ...foreign });
    const { value: refund } = await idempotency.once<{ readonly key: string; readonly begun?: Operation }>(
      { scope: payment.id, key, hash },
      {
        call,
        admit() {
          validate();
          if (foreign) throw paymentErrors.REFUND_CURRENCY({ currency, paid: payment.currency });
        },
        async perform(claim) {
          const operationKey = refundKey(payment, providersKey(key));
          const sold = restock.length > 0 ? await inventory.soldItems(payment.orderId) : [];
          const begun = await operations.beginRefund(payment, { ...request, key: operationKey }, { claim, sold });
          return { key: operationKey, ...(begun !== "repeated" && { begun }) };
        },
        replay: async (operationKey) => ({ key: operationKey }),
      },
    );
    const after = refund.begun ? await carryOut.start(refund.begun, payment) : await finish(payment, refund.key);
    const refusal = await operations.refusalOf(refund.key);
    if (refusal === FORGOTTEN) throw paymentErrors.PAYMENT_FORGOTTEN();
    if (refusal !== undefined) throw paymentErrors.PROVIDER_REFUSED({ code: refusal });
    return after;

    async function finish(known: Payment, operationKey: string): Promise<Payment> {
      const open = (await operations.ofPayment(known.id)).find((operation) => operation.key === operationKey);
      return open ? carryOut.finish(open, known) : ((await payments.byId(known.id)) ?? known);
    }
  };

/** Returns the caller's key, or its hash if it is long: the limit of a provider's key is 255 characters, with the prefix. */
function providersKey(key: string): string {
  return key.length <= 128 ? key : `sha256:${createHash("sha256").update(key).digest("hex")}`;
}
