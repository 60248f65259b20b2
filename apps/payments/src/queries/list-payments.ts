import { definePages, type PageRequest } from "@kontor/paging";
import type { PaymentFilter, Payments } from "../ports.ts";

export type ListPayments = PageRequest & { readonly filter: PaymentFilter };

const pages = definePages({
  list: "payments.payments",
  domain: "payments.shop",
  cursor: { id: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ },
});

/** Returns a page of the payments of all users that a filter describes. */
export function listPayments({ payments }: { payments: Pick<Payments, "list"> }) {
  return async ({ filter, ...request }: ListPayments) => {
    const { after, ...page } = pages.read(request, filter);
    const found = await payments.list(filter, { ...(after && { after: after.id }), limit: page.limit });
    return page.of(found, ({ id }) => ({ id }));
  };
}
