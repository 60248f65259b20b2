import { conditions } from "@kontor/postgres";
import type { OrderFilter, SearchPage } from "../ports.ts";

/** Currency and amount, as the index has them. */
const TOTAL = ["(placement -> 'total' ->> 'currency')", "((placement -> 'total' ->> 'minor')::bigint)"];

/** Returns the statement that lists a page of the orders that a filter describes. */
export function searchStatement(columns: string, filter: OrderFilter, { after, limit }: SearchPage) {
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
  const sql = `SELECT ${columns} FROM orders WHERE ${found} ORDER BY ${order} LIMIT ${found.parameter(limit)}`;
  return { sql, values: found.values };
}
