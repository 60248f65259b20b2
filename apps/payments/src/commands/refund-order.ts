import { isKontorError } from "@kontor/errors";
import { paymentErrors } from "../domain/errors.ts";
import { restKey } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { Operations, Payments } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

interface Deps {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly carryOut: CarryOut;
  readonly voidPayment: (orderId: string) => Promise<Payment>;
}

const ROUNDS = 4;

/**
 * Refunds all that was captured for an order. A payment that was only held, or never requested, is voided. Refunding twice changes nothing.
 * Returns once nothing is left: another refund in progress, such as one by staff, is finished first, and the part of it that the provider
 * refuses is refunded here.
 *
 * @throws KontorError PAYMENT_OUTCOME_UNKNOWN while a refund is undecided
 */
export const refundOrder =
  ({ payments, operations, carryOut, voidPayment }: Deps) =>
  async (orderId: string, reason: string, actor: string): Promise<Payment> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const known = await payments.byOrder(orderId);
      const mayBeTaken = known?.status === "authorised" || known?.status === "captured";
      const payment = mayBeTaken ? await finishOthers(known) : known;
      if (payment?.status === "refunded") return payment;
      if (payment?.status !== "captured") return voidPayment(orderId);
      const after = await refundRest(payment);
      if (after?.status === "refunded") return after;
    }
    throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN({ retryAfterMs: 500 });

    /** A refusal settles the refused refund; its amount is a part of the rest. */
    async function finishOthers(payment: Payment): Promise<Payment> {
      try {
        return await carryOut.finishAll(payment);
      } catch (error) {
        if (!isKontorError(error, "PROVIDER_REFUSED")) throw error;
        return (await payments.byOrder(orderId)) ?? payment;
      }
    }

    async function refundRest(captured: Payment): Promise<Payment | undefined> {
      try {
        const begun = await operations.beginRefund(captured, {
          ...{ key: restKey(captured), amount: 0n, reason, actor },
          restock: [],
        });
        return begun === "repeated" ? undefined : await carryOut.start(begun, captured);
      } catch (error) {
        // Refunds that began meanwhile cover all that is left: the next round finishes them.
        if (!isKontorError(error, "REFUND_TOO_HIGH")) throw error;
        return undefined;
      }
    }
  };
