import { paymentErrors } from "../domain/errors.ts";
import type { Operation } from "../domain/operation.ts";
import type { Payment } from "../domain/payment.ts";
import type { Operations } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

const ROUNDS = 4;

/**
 * Takes the next operation until none is left to be done. An operation that is open already, ours from before or another,
 * is finished first.
 */
export async function reach(
  payment: Payment,
  next: (payment: Payment) => Operation | undefined,
  { operations, carryOut }: { operations: Operations; carryOut: CarryOut },
): Promise<Payment> {
  let current = payment;
  for (let round = 0; round < ROUNDS; round += 1) {
    const operation = next(current);
    if (!operation) return current;
    const begun = await operations.begin(operation, current);
    current = begun ? await carryOut.start(operation, current) : await carryOut.finishAll(current);
  }
  throw paymentErrors.PAYMENT_OUTCOME_UNKNOWN({ retryAfterMs: 500 });
}
