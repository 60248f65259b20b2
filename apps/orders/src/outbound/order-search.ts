import { conditions } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { OrderFilter, SearchPage } from "../ports.ts";

/** Currency and amount, as the index has them. */
const TOTAL = ["(placement -> 'total' ->> 'currency')", "((placement -> 'total' ->> 'minor')::bigint)"];

/** The columns of an order as the domain names them. */
export const COLUMNS = `number, user_id AS "userId", placement, stage, cancelling, reason, reason_detail AS "reasonDetail", action_url AS "actionUrl",
  tracking_number AS "trackingNumber", refunded, version, placed_at AS "placedAt", updated_at AS "updatedAt"`;

const EVERY_FILTER: OrderFilter = {
  ...{ status: "placed", placedFrom: new Date(0), placedUntil: new Date(0), userId: "", numbers: [""], orderId: "" },
  ...{ sku: "", words: ["a"], sort: "newest" },
};

/** Lists a page of the orders that a filter describes. */
export const searchStatement = statement.dynamic("orders.search", build, [
  [EVERY_FILTER, { after: "", limit: 1 }],
  [
    { sort: "total_ascending", status: "cancelling" },
    { after: "", limit: 1 },
  ],
]);

function build(filter: OrderFilter, { after, limit }: SearchPage) {
  const { status, placedFrom, placedUntil, userId, numbers = [], orderId, sku, words, sort } = filter;
  const found = conditions();
  const state = status === "cancelling" ? "cancelling" : "NOT cancelling";
  if (status !== undefined) found.and(state);
  found.where(status === "cancelling" ? undefined : status, (value) => `stage = ${value}`);
  found.where(placedFrom, (value) => `placed_at >= ${value}`);
  found.where(placedUntil, (value) => `placed_at < ${value}`);
  found.where(userId, (value) => `user_id = ${value}`);
  for (const number of numbers) found.where(number, (value) => `number = ${value}`);
  found.where(orderId, (value) => `id = ${value}`);
  found.where(sku, (value) => `id IN (SELECT order_id FROM order_search WHERE skus @> ARRAY[${value}::text])`);
  found.where(words?.length ? words.map((word) => `'${word}':*`).join(" & ") : undefined, (value) => {
    return `id IN (SELECT order_id FROM order_search WHERE words @@ ${value}::tsquery)`;
  });
  const [direction, beyond] = sort === "oldest" || sort === "total_ascending" ? ["ASC", ">"] : ["DESC", "<"];
  const keys = sort === "newest" || sort === "oldest" ? ["placed_at", "id"] : [...TOTAL, "id"];
  const key = keys.join(", ");
  found.where(after, (id) => `(${key}) ${beyond} (SELECT ${key} FROM orders WHERE id = ${id})`);
  const order = keys.map((column) => `${column} ${direction}`).join(", ");
  const text = `SELECT ${COLUMNS} FROM orders WHERE ${found} ORDER BY ${order} LIMIT ${found.parameter(limit)}`;
  return { text, values: found.values };
}
