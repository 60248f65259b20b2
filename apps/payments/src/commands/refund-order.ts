import { restKey } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { Operations, Payments } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

interface Needs {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly carryOut: CarryOut;
  readonly voidPayment: (orderId: string) => Promise<Payment>;
}

/** Gives back all that was taken for an order. What was only held, or never asked for, is voided. Refunding twice changes nothing. */
export const refundOrder =
  ({ payments, operations, carryOut, voidPayment }: Needs) =>
  async (orderId: string, reason: string): Promise<Payment> => {
    const known = await payments.byOrder(orderId);
    const mayBeTaken = known?.status === "authorised" || known?.status === "captured";
    const payment = mayBeTaken ? await carryOut.finishAll(known) : known;
    switch (payment?.status) {
      case "captured":
        return refundRest(payment);
      case "refunded":
        return payment;
      default:
        return voidPayment(orderId);
    }

    async function refundRest(captured: Payment): Promise<Payment> {
      const request = { key: restKey(captured), amount: 0n, reason };
      const begun = await operations.beginRefund(captured, request);
      return begun === "repeated" ? carryOut.finishAll(captured) : carryOut.start(begun, captured);
    }
  };
