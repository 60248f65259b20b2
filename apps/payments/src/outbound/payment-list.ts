import { conditions } from "@kontor/postgres";
import type { PaymentFilter, PaymentPage } from "../ports.ts";

/** Returns the statement that lists a page of the payments that a filter describes. Payments that were voided before they were opened are left out. */
export function listStatement(columns: string, filter: PaymentFilter, { after, limit }: PaymentPage) {
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
  const sql = `SELECT ${columns} FROM payments WHERE ${found} ORDER BY created_at ${direction}, id ${direction} LIMIT ${most}`;
  return { sql, values: found.values };
}
