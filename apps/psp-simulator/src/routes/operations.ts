import { randomUUID } from "node:crypto";
import {
  amountField,
  type Call,
  HttpError,
  invalidRequest,
  type Journal,
  type Outcome,
  type Parts,
  type Route,
  textField,
} from "@kontor/simulator";
import type { Approvals } from "../approvals.ts";
import { authorise, capture, type Payment, refund, voidPayment } from "../domain/payment.ts";
import { cardToken, testCard } from "../domain/test-cards.ts";
import { findPayment } from "../find-payment.ts";
import type { View } from "../payment-view.ts";

interface Deps {
  readonly journal: Journal<Payment>;
  readonly operation: Parts<Payment>["operation"];
  readonly view: View;
  readonly approvals: Approvals;
  readonly holdMs: number;
}

/** The operations that move money, each under an idempotency key. */
export function operationRoutes({ journal, operation, view, approvals, holdMs }: Deps): Route[] {
  function createPayment({ body }: Call): Outcome<Payment> {
    const request = {
      id: `pay_${randomUUID()}`,
      reference: textField(body, "reference"),
      card: cardToken(textField(body, "paymentMethod")),
      amount: amountField(body, "amount"),
      currency: currency(textField(body, "currency")),
      createdAt: new Date().toISOString(),
    };
    if (body.capture) throw invalidRequest('Only "capture": false is offered; capture in a second step.');
    failOnce(request.card, "payment", request.reference);
    const payment = authorise(request);
    if (payment.status === "pending") approvals.schedule(payment);
    const decided = payment.status === "authorised" || payment.status === "declined";
    return {
      type: decided ? `payment.${payment.status}` : "payment.created",
      resource: payment,
      facts: { amount: payment.amount },
      ...(decided && { webhook: { payment: view(payment) } }),
      status: 201,
      answer: view(payment),
      ...(testCard(payment.card).losesFirstAnswer && { loseAfterMs: holdMs }),
    };
  }

  function capturePayment(call: Call): Outcome<Payment> {
    const payment = findPayment(journal, call.param("id"));
    const captured = capture(payment, optionalAmount(call));
    failOnce(payment.card, "capture", payment.id);
    return moved(
      "payment.captured",
      captured,
      { operationId: `cap_${randomUUID()}`, amount: captured.captured - payment.captured },
      200,
    );
  }

  function refundPayment(call: Call): Outcome<Payment> {
    const payment = findPayment(journal, call.param("id"));
    const refunded = refund(payment, optionalAmount(call));
    failOnce(payment.card, "refund", payment.id);
    return moved(
      "payment.refunded",
      refunded,
      { operationId: `ref_${randomUUID()}`, amount: refunded.refunded - payment.refunded },
      201,
    );
  }

  function release(call: Call): Outcome<Payment> {
    const payment = findPayment(journal, call.param("id"));
    const voided = voidPayment(payment);
    if (voided === payment) return { type: "payment.unchanged", resource: payment, status: 200, answer: view(payment) };
    return moved("payment.voided", voided, { operationId: `void_${randomUUID()}`, amount: payment.amount }, 200);
  }

  function moved(
    type: string,
    payment: Payment,
    facts: { operationId: string; amount: number },
    status: number,
  ): Outcome<Payment> {
    const answer = { ...view(payment), operationId: facts.operationId };
    return { type, resource: payment, facts, webhook: { payment: view(payment), ...facts }, status, answer };
  }

  function failOnce(card: Payment["card"], name: string, scope: string): void {
    const { failsOnce } = testCard(card);
    if (failsOnce?.operation !== name || !journal.note(`${name} of ${scope} failed once`)) return;
    throw new HttpError(failsOnce.status, "processing_error", "Something broke here and nothing was done. Try again.");
  }

  return [
    operation("/v1/payments", createPayment),
    operation("/v1/payments/{id}/capture", capturePayment),
    operation("/v1/payments/{id}/void", release),
    operation("/v1/payments/{id}/refunds", refundPayment),
  ];
}

function optionalAmount({ body }: Call): number | undefined {
  return body.amount === undefined ? undefined : amountField(body, "amount");
}

function currency(code: string): string {
  if (/^[A-Z]{3}$/.test(code)) return code;
  throw invalidRequest('"currency" must be an ISO 4217 code such as EUR.');
}
