import type { Payment } from "./payment.ts";

export interface Balance {
  readonly currency: string;
  readonly captured: number;
  readonly refunded: number;
  /** Captured less refunded: the debt to the merchant. */
  readonly net: number;
}

/** One balance per currency, in alphabetical order. */
export function balances(payments: Iterable<Payment>): Balance[] {
  const totals = new Map<string, { captured: number; refunded: number }>();
  for (const { currency, captured, refunded } of payments) {
    const total = totals.get(currency) ?? { captured: 0, refunded: 0 };
    totals.set(currency, { captured: total.captured + captured, refunded: total.refunded + refunded });
  }
  return [...totals]
    .map(([currency, total]) => ({ currency, ...total, net: total.captured - total.refunded }))
    .sort((a, b) => a.currency.localeCompare(b.currency));
}
