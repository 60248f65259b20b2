import { paymentErrors } from "./errors.ts";
import type { Payment } from "./payment.ts";

type Totals = Pick<Payment, "captured" | "refunded">;

/**
 * Returns the amount of a refund: the requested one, or all that is left for 0. `promised` is the sum of all refunds that were
 * started and not refused; some of them may be in `refunded` already.
 */
export function refundAmount({ captured, refunded }: Totals, promised: bigint, wanted: bigint): bigint {
  const gone = promised > refunded ? promised : refunded;
  const refundable = captured - gone;
  const amount = wanted === 0n ? refundable : wanted;
  if (amount <= 0n || amount > refundable) throw paymentErrors.REFUND_TOO_HIGH({ amount, refundable });
  return amount;
}
