import { HttpError, type Journal } from "@kontor/simulator";
import type { Payment } from "./domain/payment.ts";

export function findPayment(journal: Journal<Payment>, id: string): Payment {
  const payment = journal.get(id);
  if (payment) return payment;
  throw new HttpError(404, "payment_not_found", `There is no payment ${id}.`);
}
