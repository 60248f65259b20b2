import { HttpError, invalidRequest, type Journal, type Route } from "@kontor/simulator";
import { approve, decline, type Payment } from "../domain/payment.ts";
import { findPayment } from "../find-payment.ts";
import type { View } from "../payment-view.ts";

/** The cardholder's side of 3-D Secure: by API for tests, by page for people. */
export function challengeRoutes({ journal, view }: { journal: Journal<Payment>; view: View }): Route[] {
  function complete(id: string, outcome: unknown): Payment {
    if (outcome !== "succeed" && outcome !== "fail") throw invalidRequest('"outcome" must be "succeed" or "fail".');
    const payment = findPayment(journal, id);
    const wanted = outcome === "succeed" ? approve(payment) : decline(payment, "authentication_failed");
    if (payment.status === wanted.status) return payment;
    if (payment.status !== "requires_action") {
      throw new HttpError(
        409,
        `payment_${payment.status}`,
        `The payment is ${payment.status} and waits for no challenge.`,
      );
    }
    journal.record({ type: `payment.${wanted.status}`, resource: wanted, webhook: { payment: view(wanted) } });
    return wanted;
  }

  return [
    {
      method: "POST",
      path: "/v1/payments/{id}/complete-challenge",
      handle: (call) => ({ status: 200, body: view(complete(call.param("id"), call.body.outcome)) }),
    },
    {
      method: "GET",
      path: "/challenges/{id}",
      open: true,
      handle(call) {
        const outcome = call.query.get("outcome");
        const { status } = outcome ? complete(call.param("id"), outcome) : findPayment(journal, call.param("id"));
        return { status: 200, body: page(status), headers: { "content-type": "text/html; charset=utf-8" } };
      },
    },
  ];
}

function page(status: Payment["status"]): string {
  const links = '<p><a href="?outcome=succeed">It is me</a> · <a href="?outcome=fail">Refuse</a></p>';
  const text =
    status === "requires_action"
      ? `<p>Your bank asks: is it you who pays?</p>${links}`
      : `<p>The payment is ${status}.</p>`;
  return `<!doctype html><html lang="en"><title>Your bank (simulated)</title><h1>Your bank</h1>${text}</html>`;
}
