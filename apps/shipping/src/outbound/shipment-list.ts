import { conditions } from "@kontor/postgres";
import type { ShipmentFilter, ShipmentPage } from "../ports.ts";

/** Returns the statement that lists a page of the shipments that a filter describes. Shipments that were cancelled before they began are left out. */
export function listStatement(columns: string, filter: ShipmentFilter, { after, limit }: ShipmentPage) {
  const { status, createdFrom, createdUntil, userId, orderId, trackingNumber, oldestFirst } = filter;
  const found = conditions();
  found.and("address IS NOT NULL");
  found.where(status, (value) => `status = ${value}`);
  found.where(createdFrom, (value) => `created_at >= ${value}`);
  found.where(createdUntil, (value) => `created_at < ${value}`);
  found.where(userId, (value) => `user_id = ${value}`);
  found.where(orderId, (value) => `order_id = ${value}`);
  found.where(trackingNumber, (value) => `tracking_number = ${value}`);
  const [direction, beyond] = oldestFirst ? ["ASC", ">"] : ["DESC", "<"];
  // Times have microseconds, which a token of milliseconds would lose.
  found.where(
    after,
    (value) => `(created_at, id) ${beyond} (SELECT l.created_at, l.id FROM shipments l WHERE l.id = ${value})`,
  );
  const most = found.parameter(limit);
  const sql = `SELECT ${columns} FROM shipments WHERE ${found} ORDER BY created_at ${direction}, id ${direction} LIMIT ${most}`;
  return { sql, values: found.values };
}
