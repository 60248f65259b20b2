import { declineCodeOf } from "./decline-code.ts";
import { type Change, type Payment, unchanged } from "./payment.ts";

/** Declines a payment that the provider did not even accept as a request. */
export function decline(payment: Payment, providerCode: string, at: Date): Change {
  if (payment.status !== "pending" || payment.providerReference) return unchanged(payment);
  const declineCode = declineCodeOf(providerCode, "method_not_accepted");
  const declined = { ...payment, status: "declined" as const, declineCode, updatedAt: at };
  return { payment: declined, events: [{ type: "declined" }], bookings: [] };
}
