import { type Change, type Payment, unchanged } from "./payment.ts";

/** Voids a payment that the provider has forgotten: it has no hold to release. Captured money remains. */
export function voidForgotten(payment: Payment, at: Date): Change {
  if (payment.captured > 0n || payment.status === "voided" || payment.status === "declined") return unchanged(payment);
  const voided = { ...payment, status: "voided" as const, actionUrl: undefined, updatedAt: at };
  return { payment: voided, events: [{ type: "voided" }], bookings: [] };
}

/** Closes a payment that is unknown to the provider, so that a late authorisation fails. Nothing was held, so no event follows. */
export function close(payment: Payment, at: Date): Change {
  if (payment.status !== "pending" || payment.providerReference) return unchanged(payment);
  return { payment: { ...payment, status: "voided", updatedAt: at }, events: [], bookings: [] };
}
