import { invalidRequest, type Journal, type Route } from "@kontor/simulator";
import { balances } from "../domain/balances.ts";
import type { Payment } from "../domain/payment.ts";
import { findPayment } from "../find-payment.ts";
import type { View } from "../payment-view.ts";

export function queryRoutes({ journal, view }: { journal: Journal<Payment>; view: View }): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/payments/{id}",
      handle: (call) => ({ status: 200, body: view(findPayment(journal, call.param("id"))) }),
    },
    {
      method: "GET",
      path: "/v1/payments",
      handle({ query }) {
        const reference = query.get("reference");
        if (!reference) throw invalidRequest('Query with "?reference=".');
        return { status: 200, body: { payments: journal.byReference(reference).map(view) } };
      },
    },
    {
      method: "GET",
      path: "/v1/balance",
      handle: () => ({ status: 200, body: { balances: balances(journal.all()) } }),
    },
  ];
}
