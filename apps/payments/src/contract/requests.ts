import type {
  AuthorisePaymentRequest,
  RefundOrderRequest,
  RefundPaymentRequest,
} from "@kontor/contracts/payments/v1/payments_service";
import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { keyViolation } from "@kontor/idempotency";
import { isCurrency } from "@kontor/money";
import type { PaymentMethods } from "@kontor/shop";
import { checkText, containsCardNumber, lengthOf, readText } from "@kontor/text";
import { paymentErrors } from "../domain/errors.ts";
import type { NewPayment } from "../domain/payment.ts";
import type { RefundRequest } from "../ports.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** It becomes part of a header. */
const ORDER_ID = /^[\x21-\x7e]{1,100}$/;
const MAX_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

export function newPaymentOf(request: AuthorisePaymentRequest): NewPayment {
  const { userId, paymentMethod: method, amount } = request;
  return { orderId: request.orderId, userId, method, amount: amount?.minor ?? 0n, currency: amount?.currency ?? "" };
}

/** Throws INVALID_REQUEST naming the fields that a new payment may not have. */
export function checkNewPayment(payment: NewPayment, methods: PaymentMethods): void {
  const { orderId, userId, method: paymentMethod, amount: minor, currency } = payment;
  refuse(
    orderIdViolation(orderId),
    outside(userId, 1, 100) && violation("userId", "WRONG_LENGTH", { min: 1, max: 100 }),
    cardNumberViolation("paymentMethod", paymentMethod),
    !methods.has(paymentMethod) && violation("paymentMethod", "NOT_IN", { values: methods.names }),
    !isCurrency(currency) && violation("amount.currency", "NOT_A_CURRENCY"),
    (minor <= 0n || minor > MAX_AMOUNT) && violation("amount.minor", "OUT_OF_RANGE", { min: 1, max: MAX_AMOUNT }),
  );
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

/** Throws INVALID_REQUEST naming the fields that a new refund may not have. */
export function checkRefund(request: RefundPaymentRequest): void {
  const { amount: money, idempotencyKey, restock } = request;
  const amount = amountOf(request);
  const reason = readText(request.reason);
  refuse(
    (amount < 0n || amount > MAX_AMOUNT || (money !== undefined && amount === 0n)) &&
      violation(money ? "amount.minor" : "amount", "OUT_OF_RANGE", { min: 1, max: MAX_AMOUNT }),
    money !== undefined && !isCurrency(money.currency) && violation("amount.currency", "NOT_A_CURRENCY"),
    checkText("reason", reason, { max: 200, lines: true }),
    cardNumberViolation("reason", reason),
    ...restockViolations(restock),
    keyViolation(idempotencyKey, "idempotencyKey"),
  );
}

/** Edges of the version before send `amountMinor`. */
function amountOf({ amount, amountMinor }: RefundPaymentRequest): bigint {
  return amount?.minor ?? amountMinor;
}

function restockViolations(restock: RefundPaymentRequest["restock"]): readonly (FieldViolation | false)[] {
  const repeated = (sku: string, index: number) => restock.findIndex((item) => item.sku === sku) < index;
  return [
    restock.length > 100 && violation("restock", "TOO_MANY", { max: 100 }),
    ...restock
      .slice(0, 100)
      .flatMap(({ sku, quantity }, index) => [
        !/^[\w-]{1,64}$/.test(sku) &&
          violation(`restock[${index}].sku`, "WRONG_CHARACTERS", { min: 1, max: 64, allowed: "A-Z a-z 0-9 - _" }),
        repeated(sku, index) && violation(`restock[${index}].sku`, "DUPLICATE"),
        (quantity < 1 || quantity > 999) &&
          violation(`restock[${index}].quantity`, "OUT_OF_RANGE", { min: 1, max: 999 }),
      ]),
  ];
}

/** Who an order was cancelled by, as orders says; orders itself if it does not. */
export function actorOf({ actor }: RefundOrderRequest): string {
  const good = actor === "" || /^(service|staff|user):[\w-]{1,64}$/.test(actor);
  refuse(!good && violation("actor", "WRONG_FORMAT", { example: "staff:id" }));
  return actor || "service:orders";
}

/** An id that none of ours looks like belongs to no payment. */
export function paymentIdOf({ paymentId }: { paymentId: string }): string {
  if (UUID.test(paymentId)) return paymentId;
  throw paymentErrors.PAYMENT_NOT_FOUND();
}

export function orderIdOf({ orderId }: { orderId: string }): string {
  refuse(orderIdViolation(orderId));
  return orderId;
}

/** Orders has checked the reason when a person entered it, perhaps by older rules: a refund does not fail for it. */
export function reasonOf({ reason }: { reason: string }): string {
  refuse(
    outside(reason, 0, 200) && violation("reason", "TOO_LONG", { max: 200 }),
    cardNumberViolation("reason", reason),
  );
  return reason;
}

function orderIdViolation(orderId: string): FieldViolation | false {
  return !ORDER_ID.test(orderId) && violation("orderId", "WRONG_CHARACTERS", { min: 1, max: 100, allowed: "ASCII" });
}

/** Nothing that looks like a card number is stored or logged. */
function cardNumberViolation(field: string, text: string): FieldViolation | false {
  return containsCardNumber(text) && violation(field, "CARD_NUMBER");
}

function refuse(...found: readonly (FieldViolation | false)[]): void {
  const violations = found.filter((violation) => violation !== false);
  if (violations.length > 0) throw invalid(violations, "payments.kontor");
}

/** Also outside is a text the database cannot hold. */
function outside(text: string, min: number, max: number): boolean {
  const length = lengthOf(text);
  return length < min || length > max || text.includes("\0");
}
