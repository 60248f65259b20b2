import type { Payment } from "./payment.ts";

/** The refusal of an operation on a payment that the provider does not know. */
export const FORGOTTEN = "payment_not_found";

type OperationKind = "authorise" | "capture" | "void" | "refund";

/** A request to the provider. It is stored before it is sent, and open until the outcome is known. */
export interface Operation {
  /** The idempotency key for the provider: a repeated request has one effect. */
  readonly key: string;
  readonly paymentId: string;
  readonly kind: OperationKind;
  readonly amount: bigint;
  readonly reason?: string | undefined;
}

export function authorisation({ id, orderId, amount }: Payment): Operation {
  return { key: authorisationKey(orderId), paymentId: id, kind: "authorise", amount };
}

export function authorisationKey(orderId: string): string {
  return `auth:${orderId}`;
}

export function captureOf({ id, orderId, amount }: Payment): Operation {
  return { key: `capture:${orderId}`, paymentId: id, kind: "capture", amount };
}

export function voidOf({ id, orderId, amount }: Payment): Operation {
  return { key: `void:${orderId}`, paymentId: id, kind: "void", amount };
}

/** Returns the key of a refund that gives back part of a payment, under the key of the caller. */
export function refundKey(payment: Payment, callersKey: string): string {
  return `refund:${payment.id}:${callersKey}`;
}

/** Refunds all that is left of an order. The amount refunded before is a part of the key, since it decides the amount. */
export function restKey({ orderId, refunded }: Payment): string {
  return `refund:${orderId}:${refunded}`;
}
