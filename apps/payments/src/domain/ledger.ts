import type { Booking, Change, Payment } from "./payment.ts";
import type { RefundPart } from "./refund-parts.ts";

/** Books a capture: revenue, and a receivable from the provider. `total` is the captured amount after it. */
export function bookCapture({ id }: Payment, amount: bigint, total: bigint): Booking {
  return {
    key: `capture:${id}:${total}`,
    kind: "capture",
    debit: "provider-receivable",
    credit: "customer-orders",
    amount,
    actor: "service:orders",
    reason: "",
  };
}

/** Books a refund, the reverse of a capture. `total` is the refunded amount after it. */
export function bookRefund({ id }: Payment, amount: bigint, total: bigint, actor = "provider", reason = ""): Booking {
  return {
    key: `refund:${id}:${total}`,
    kind: "refund",
    debit: "customer-orders",
    credit: "provider-receivable",
    amount,
    actor,
    reason,
  };
}

/** Returns a change whose refund is booked and announced once for each of its parts. */
export function withRefundParts({ payment, events, bookings, ...rest }: Change, parts: readonly RefundPart[]): Change {
  let total = payment.refunded - parts.reduce((sum, { amount }) => sum + amount, 0n);
  const booked = parts.map(({ amount, actor, reason }) => {
    total += amount;
    return bookRefund(payment, amount, total, actor, reason);
  });
  const refunds = parts.map((origin) => ({ type: "refunded" as const, amount: origin.amount, origin }));
  return {
    ...rest,
    payment,
    events: [...events.filter(({ type }) => type !== "refunded"), ...refunds],
    bookings: [...bookings.filter(({ kind }) => kind !== "refund"), ...booked],
  };
}
