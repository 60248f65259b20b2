import { invalid, violation } from "@kontor/errors";
import type { PaymentMethods } from "@kontor/shop";
import type {
  AuthorisePaymentRequest,
  RefundOrderRequest,
  RefundPaymentRequest,
} from "@kontor/shop/contracts/payments/v1/payments_service";
import { readText } from "@kontor/text";
import { paymentErrors } from "../domain/errors.ts";
import type { NewPayment } from "../domain/payment.ts";
import type { RefundRequest } from "../ports.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

export function newPaymentOf(request: AuthorisePaymentRequest): NewPayment {
  const { userId, paymentMethod: method, amount } = request;
  return { orderId: request.orderId, userId, method, amount: amount?.minor ?? 0n, currency: amount?.currency ?? "" };
}

/** Throws INVALID_REQUEST if the shop does not accept the payment method. */
export function checkPaymentMethod({ method }: NewPayment, methods: PaymentMethods): void {
  if (!methods.has(method))
    throw invalid([violation("paymentMethod", "NOT_IN", { values: methods.names })], "payments.shop");
}

export function refundOf(request: RefundPaymentRequest, staffId: string): RefundRequest {
  const { amount: money, idempotencyKey, restock } = request;
  const items = restock.map(({ sku, quantity }) => ({ sku, quantity }));
  const currency = money && { currency: money.currency };
  const reason = readText(request.reason);
  return {
    ...{ key: idempotencyKey, amount: amountOf(request), ...currency, reason },
    ...{ actor: `staff:${staffId}`, restock: items },
  };
}

/** Throws INVALID_REQUEST for an amount that an edge of the version before sent. The contract has rules for the others. */
export function checkRefund({ amount, amountMinor }: RefundPaymentRequest): void {
  if (amount === undefined && (amountMinor < 0n || amountMinor > MAX_AMOUNT))
    throw invalid([violation("amount", "OUT_OF_RANGE", { min: 1, max: MAX_AMOUNT })], "payments.shop");
}

/** Edges of the version before send `amountMinor`. */
function amountOf({ amount, amountMinor }: RefundPaymentRequest): bigint {
  return amount?.minor ?? amountMinor;
}

/** Returns the actor who cancelled an order, from orders; orders itself if absent. */
export function actorOf({ actor }: RefundOrderRequest): string {
  return actor || "service:orders";
}

/** An id that none of ours looks like belongs to no payment. */
export function paymentIdOf({ paymentId }: { paymentId: string }): string {
  if (UUID.test(paymentId)) return paymentId;
  throw paymentErrors.PAYMENT_NOT_FOUND();
}
