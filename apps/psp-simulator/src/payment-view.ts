import type { Payment } from "./domain/payment.ts";

export type PaymentView = Omit<Payment, "card"> & { readonly actionUrl?: string };
export type View = (payment: Payment) => PaymentView;

/** A payment as callers see it: without the card, with the page of a challenge. */
export function createView(address: () => string): View {
  return ({ card: _, ...payment }) => {
    if (payment.status !== "requires_action") return payment;
    return { ...payment, actionUrl: `${address()}/challenges/${payment.id}` };
  };
}
