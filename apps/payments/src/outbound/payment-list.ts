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
  found.where(status, (value) => `status = ${value}`);
  found.where(createdFrom, (value) => `created_at >= ${value}`);
  found.where(createdUntil, (value) => `created_at < ${value}`);
  found.where(userId, (value) => `user_id = ${value}`);
  found.where(orderId, (value) => `order_id = ${value}`);
  found.where(currency, (value) => `currency = ${value}`);
  const [direction, beyond] = oldestFirst ? ["ASC", ">"] : ["DESC", "<"];
  // Times have microseconds, which a token of milliseconds would lose.
  found.where(
    after,
    (value) => `(created_at, id) ${beyond} (SELECT l.created_at, l.id FROM payments l WHERE l.id = ${value})`,
  );
  const most = found.parameter(limit);
  const text = `SELECT ${COLUMNS} FROM payments WHERE ${found} ORDER BY created_at ${direction}, id ${direction} LIMIT ${most}`;
  return { text, values: found.values };
}
