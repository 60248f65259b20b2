import { paymentErrors } from "../domain/errors.ts";
import type { Ledger, LedgerEntry, Payments } from "../ports.ts";

export const listLedgerEntries =
  ({ payments, ledger }: { payments: Payments; ledger: Ledger }) =>
  async (paymentId: string): Promise<LedgerEntry[]> => {
    if (!(await payments.byId(paymentId))) throw paymentErrors.PAYMENT_NOT_FOUND();
    return ledger.ofPayment(paymentId);
  };
