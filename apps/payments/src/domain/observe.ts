import { declineCodeOf } from "./decline-code.ts";
import { paymentErrors } from "./errors.ts";
import { bookCapture, bookRefund } from "./ledger.ts";
import {
  type Booking,
  type Change,
  type Payment,
  type PaymentEvent,
  type PaymentStatus,
  unchanged,
} from "./payment.ts";
import type { ProviderPayment } from "./provider-payment.ts";

/**
 * Applies a state of the provider, from a response or a webhook, in any order and any number of times. The state may be old, so a payment
 * only advances: totals grow, a final status remains.
 */
export function observe(payment: Payment, seen: ProviderPayment, at: Date): Change {
  const differs = difference(payment, seen);
  if (differs) throw paymentErrors.PROVIDER_CONTRADICTS({ orderId: payment.orderId, difference: differs });
  if (payment.status === "voided") return afterwards(payment, seen, at);

  const captured = max(payment.captured, seen.captured);
  const refunded = max(payment.refunded, seen.refunded);
  const status = advance(payment.status, statusOf(seen, captured, refunded));
  const known = payment.providerReference === seen.id;
  if (known && status === payment.status && captured === payment.captured && refunded === payment.refunded) {
    return unchanged(payment);
  }
  const after: Payment = {
    ...payment,
    status,
    captured,
    refunded,
    providerReference: seen.id,
    declineCode: status === "declined" ? declineCodeOf(seen.declineCode ?? "") : undefined,
    actionUrl: status === "requires_action" ? seen.actionUrl : undefined,
    updatedAt: at,
  };
  return { payment: after, events: eventsBetween(payment, after), bookings: bookingsBetween(payment, after) };
}

/** Returns the immutable field that differs in the provider's state; undefined if none. */
export function difference(payment: Payment, seen: ProviderPayment): string | undefined {
  if (payment.providerReference && payment.providerReference !== seen.id) {
    return `payment ${payment.providerReference} here, ${seen.id} there`;
  }
  if (closedUnopened(payment)) return undefined;
  if (payment.amount !== seen.amount || payment.currency !== seen.currency) {
    return `${payment.amount} ${payment.currency} here, ${seen.amount} ${seen.currency} there`;
  }
  if (seen.captured > seen.amount || seen.refunded > seen.captured) return "more taken or given back than there is";
  if (payment.status === "voided" && seen.captured > 0n) return "voided here, captured there";
  return undefined;
}

/** A voided payment remains voided; a hold that appeared afterwards is released. */
function afterwards(payment: Payment, seen: ProviderPayment, at: Date): Change {
  if (payment.providerReference) return unchanged(payment);
  const held = seen.status !== "declined" && seen.status !== "voided";
  return {
    payment: { ...payment, providerReference: seen.id, updatedAt: at },
    events: [],
    bookings: [],
    liftHold: held,
  };
}

function closedUnopened({ status, currency }: Payment): boolean {
  return status === "voided" && currency === "";
}

function statusOf(seen: ProviderPayment, captured: bigint, refunded: bigint): PaymentStatus {
  if (captured > 0n) return refunded >= captured ? "refunded" : "captured";
  return seen.status;
}

const FINAL: ReadonlySet<PaymentStatus> = new Set(["declined", "voided", "refunded"]);
const ORDER: readonly PaymentStatus[] = ["pending", "requires_action", "authorised", "captured", "refunded"];

function advance(from: PaymentStatus, to: PaymentStatus): PaymentStatus {
  if (FINAL.has(from)) return from;
  switch (to) {
    case "declined":
      return from === "pending" || from === "requires_action" ? to : from;
    case "voided":
      return from === "captured" ? from : to;
    default:
      return ORDER.indexOf(to) > ORDER.indexOf(from) ? to : from;
  }
}

function eventsBetween(before: Payment, after: Payment): PaymentEvent[] {
  const events: PaymentEvent[] = [];
  const reached = (status: PaymentStatus) =>
    before.status !== after.status && ORDER.indexOf(before.status) < ORDER.indexOf(status);
  if (after.status === "declined" && before.status !== "declined") events.push({ type: "declined" });
  if (after.status === "voided") events.push({ type: "voided" });
  if (after.status === "requires_action" && reached("requires_action")) events.push({ type: "action-required" });
  if (ORDER.indexOf(after.status) >= ORDER.indexOf("authorised") && reached("authorised")) {
    events.push({ type: "authorised" });
  }
  if (before.captured === 0n && after.captured > 0n) events.push({ type: "captured" });
  const refund = after.refunded - before.refunded;
  if (refund > 0n) events.push({ type: "refunded", amount: refund });
  return events;
}

function bookingsBetween(before: Payment, after: Payment): Booking[] {
  const capture = after.captured - before.captured;
  const refund = after.refunded - before.refunded;
  return [
    ...(capture > 0n ? [bookCapture(after, capture, after.captured)] : []),
    ...(refund > 0n ? [bookRefund(after, refund, after.refunded)] : []),
  ];
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
