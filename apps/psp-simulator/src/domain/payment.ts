import { HttpError } from "@kontor/simulator";
import { type CardToken, testCard } from "./test-cards.ts";

type PaymentStatus = "pending" | "requires_action" | "authorised" | "declined" | "captured" | "refunded" | "voided";

/** Amounts are whole minor units of `currency`. */
export interface Payment {
  readonly id: string;
  readonly reference: string;
  readonly card: CardToken;
  /** `captured` from the first partial capture on, `refunded` once all that was captured is given back. */
  readonly status: PaymentStatus;
  readonly declineCode?: string;
  readonly amount: number;
  readonly currency: string;
  readonly captured: number;
  readonly refunded: number;
  readonly voided: boolean;
  readonly createdAt: string;
}

export type NewPayment = Pick<Payment, "id" | "reference" | "card" | "amount" | "currency" | "createdAt">;

export function authorise(request: NewPayment): Payment {
  const { authorisation = "authorised" } = testCard(request.card);
  const payment = { ...request, captured: 0, refunded: 0, voided: false };
  if (typeof authorisation === "string") return { ...payment, status: authorisation };
  return { ...payment, status: "declined", declineCode: authorisation.declined };
}

export function approve(payment: Payment): Payment {
  return { ...payment, status: "authorised" };
}

export function decline(payment: Payment, declineCode: string): Payment {
  return { ...payment, status: "declined", declineCode };
}

/** Captures the rest, or the given amount. Repeatable until all is captured. */
export function capture(payment: Payment, wanted?: number): Payment {
  switch (payment.status) {
    case "authorised":
    case "captured": {
      const left = payment.amount - payment.captured;
      const amount = wanted ?? left;
      if (amount === 0 || amount > left) throw tooMuch(`Of ${payment.amount} only ${left} is left to capture.`);
      return { ...payment, status: "captured", captured: payment.captured + amount };
    }
    case "declined":
      throw new HttpError(402, "payment_declined", `The payment was declined: ${payment.declineCode}.`);
    case "pending":
    case "requires_action":
    case "refunded":
    case "voided":
      throw wrongStatus(payment, "captured");
  }
}

/** Voids an authorisation without captures. Voiding twice changes nothing. */
export function voidPayment(payment: Payment): Payment {
  switch (payment.status) {
    case "pending":
    case "requires_action":
    case "authorised":
      return { ...payment, status: "voided", voided: true };
    case "voided":
      return payment;
    case "declined":
    case "captured":
    case "refunded":
      throw wrongStatus(payment, "voided");
  }
}

/** Refunds the rest of the captured amount, or the given amount. */
export function refund(payment: Payment, wanted?: number): Payment {
  if (payment.captured === 0) throw wrongStatus(payment, "refunded");
  const left = payment.captured - payment.refunded;
  const amount = wanted ?? left;
  if (amount === 0 || amount > left) throw tooMuch(`Of ${payment.captured} captured only ${left} is left to refund.`);
  const refunded = payment.refunded + amount;
  return { ...payment, refunded, status: refunded === payment.captured ? "refunded" : payment.status };
}

function tooMuch(message: string): HttpError {
  return new HttpError(422, "amount_too_large", message);
}

function wrongStatus(payment: Payment, action: string): HttpError {
  return new HttpError(409, `payment_${payment.status}`, `A payment that is ${payment.status} cannot be ${action}.`);
}
