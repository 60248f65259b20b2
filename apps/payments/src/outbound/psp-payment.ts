import type { PaymentStatus } from "../domain/payment.ts";
import type { ProviderPayment } from "../domain/provider-payment.ts";

const STATUSES: ReadonlySet<unknown> = new Set<PaymentStatus>([
  "pending",
  "requires_action",
  "authorised",
  "declined",
  "captured",
  "voided",
  "refunded",
]);

/** Reads a payment as the provider writes it; throws if it does not look like one. */
export function readPspPayment(json: unknown): ProviderPayment {
  const { id, reference, status, amount, currency, captured, refunded, declineCode, actionUrl } = asObject(json);
  if (!isStatus(status)) throw new Error(`The provider names the status ${status}, which is unknown.`);
  return {
    id: text(id, "id"),
    reference: text(reference, "reference"),
    status,
    amount: minor(amount, "amount"),
    currency: text(currency, "currency"),
    captured: minor(captured, "captured"),
    refunded: minor(refunded, "refunded"),
    declineCode: declineCode === undefined ? undefined : text(declineCode, "declineCode"),
    actionUrl: actionUrl === undefined ? undefined : text(actionUrl, "actionUrl"),
  };
}

export function asObject(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json === "object" && json !== null) return { ...json };
  throw new Error("The provider sent no JSON object.");
}

export function text(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`The provider sent no text as ${name}.`);
}

function minor(value: unknown, name: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new Error(`The provider sent no amount as ${name}.`);
}

function isStatus(value: unknown): value is PaymentStatus {
  return STATUSES.has(value);
}
