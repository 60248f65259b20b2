import { conditions } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { PaymentFilter, PaymentPage } from "../ports.ts";
import { COLUMNS } from "./payment-row.ts";

const EVERY_FILTER: PaymentFilter = {
  ...{ status: "pending", createdFrom: new Date(0), createdUntil: new Date(0), userId: "", orderId: "" },
  ...{ currency: "EUR", oldestFirst: true },
};
const NO_ID = "00000000-0000-0000-0000-000000000000";

/** Lists a page of the payments that a filter describes. Payments that were voided before they were opened are left out. */
export const listStatement = statement.dynamic("payments.list", build, [
  [EVERY_FILTER, { after: NO_ID, limit: 1 }],
  [{ oldestFirst: false }, { limit: 1 }],
]);

function build(filter: PaymentFilter, { after, limit }: PaymentPage) {
  const { status, createdFrom, createdUntil, userId, orderId, currency, oldestFirst } = filter;
  const found = conditions();
  found.and("amount > 0");
  found.equal({ status, user_id: userId, order_id: orderId, currency });
  found.where(createdFrom, (value) => `created_at >= ${value}`);
  found.where(createdUntil, (value) => `created_at < ${value}`);
  const end = found.page("payments", { after, limit, oldestFirst });
  return { text: `SELECT ${COLUMNS} FROM payments WHERE ${found} ${end}`, values: found.values };
}
