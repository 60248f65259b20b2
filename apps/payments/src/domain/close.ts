import { type Change, type Payment, unchanged } from "./payment.ts";

/** Closes a payment the provider has never heard of, so that a late authorisation fails. Nothing was held, so nobody is told. */
export function close(payment: Payment, at: Date): Change {
  if (payment.status !== "pending" || payment.providerReference) return unchanged(payment);
  return { payment: { ...payment, status: "voided", updatedAt: at }, events: [], bookings: [] };
}
