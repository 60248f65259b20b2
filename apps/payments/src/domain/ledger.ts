import type { Booking, Payment } from "./payment.ts";

/** The customer's money is ours, and the provider owes it to us. `total` is what was captured in all after it. */
export function bookCapture({ id }: Payment, amount: bigint, total: bigint): Booking {
  return {
    key: `capture:${id}:${total}`,
    kind: "capture",
    debit: "provider-receivable",
    credit: "customer-orders",
    amount,
  };
}

/** The reverse of a capture. `total` is what was refunded in all after it. */
export function bookRefund({ id }: Payment, amount: bigint, total: bigint): Booking {
  return {
    key: `refund:${id}:${total}`,
    kind: "refund",
    debit: "customer-orders",
    credit: "provider-receivable",
    amount,
  };
}
