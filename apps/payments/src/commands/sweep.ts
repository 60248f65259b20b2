import type { Operations, Payments } from "../ports.ts";
import type { CarryOut } from "./carry-out.ts";

interface Deps {
  readonly payments: Payments;
  readonly operations: Operations;
  readonly carryOut: CarryOut;
  readonly onFailure: (error: unknown, what: { paymentId: string; operation?: string }) => void;
}

const BATCH = 20;

/**
 * Queries abandoned outcomes: operations without an outcome, decisions whose webhook was lost. Resolves to whether there were any.
 */
export const sweep =
  ({ payments, operations, carryOut, onFailure }: Deps) =>
  async (): Promise<boolean> => {
    const [due, undecided] = await Promise.all([operations.claimDue(BATCH), payments.claimUndecided(BATCH)]);
    await Promise.all([
      ...due.map(async (operation) => {
        const { paymentId, key } = operation;
        try {
          const payment = await payments.byId(paymentId);
          if (payment) await carryOut.finish(operation, payment);
        } catch (error) {
          onFailure(error, { paymentId, operation: key });
        }
      }),
      ...undecided.map((payment) =>
        carryOut.refresh(payment).catch((error: unknown) => onFailure(error, { paymentId: payment.id })),
      ),
    ]);
    return due.length + undecided.length > 0;
  };
