import { type Change, type Payment, unchanged } from "./payment.ts";

/** Declines a payment the provider would not even take in. */
export function decline(payment: Payment, declineCode: string, at: Date): Change {
  if (payment.status !== "pending" || payment.providerReference) return unchanged(payment);
  const declined = { ...payment, status: "declined" as const, declineCode, updatedAt: at };
  return { payment: declined, events: [{ type: "declined" }], bookings: [] };
}
