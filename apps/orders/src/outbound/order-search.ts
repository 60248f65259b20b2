import { conditions } from "@kontor/postgres";
import type { OrderFilter, OrderPage } from "../ports.ts";

/** Returns the statement that lists a page of the orders that a filter describes. */
export function searchStatement(columns: string, filter: OrderFilter, { after, limit }: OrderPage) {
  const { status, placedFrom, placedUntil, userId, numbers = [], orderId, sku, words, oldestFirst } = filter;
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
  const [direction, beyond] = oldestFirst ? ["ASC", ">"] : ["DESC", "<"];
  if (after !== undefined)
    found.and(`(placed_at, id) ${beyond} (${found.parameter(after.placedAt)}, ${found.parameter(after.id)})`);
  const most = found.parameter(limit);
  const sql = `SELECT ${columns} FROM orders WHERE ${found} ORDER BY placed_at ${direction}, id ${direction} LIMIT ${most}`;
  return { sql, values: found.values };
}
