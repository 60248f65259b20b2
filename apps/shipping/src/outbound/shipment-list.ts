import { conditions } from "@kontor/postgres";
import { statement } from "../gen/statements.ts";
import type { ShipmentFilter, ShipmentPage } from "../ports.ts";

/** The columns of a shipment as the domain names them. */
export const COLUMNS = `id, order_id AS "orderId", user_id AS "userId", status, method, address, items, weight_grams AS "weightGrams",
  carrier_id AS "carrierId", tracking_number AS "trackingNumber", created_at AS "createdAt"`;

const EVERY_FILTER: ShipmentFilter = {
  ...{ status: "booked", createdFrom: new Date(0), createdUntil: new Date(0), userId: "", orderId: "" },
  ...{ trackingNumber: "", oldestFirst: true },
};

/** Lists a page of the shipments that a filter describes. Shipments that were cancelled before they began are left out. */
export const listStatement = statement.dynamic("shipments.list", build, [
  [EVERY_FILTER, { after: "", limit: 1 }],
  [{ oldestFirst: false }, { limit: 1 }],
]);

function build(filter: ShipmentFilter, { after, limit }: ShipmentPage) {
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
  const text = `SELECT ${COLUMNS} FROM shipments WHERE ${found} ORDER BY created_at ${direction}, id ${direction} LIMIT ${most}`;
  return { text, values: found.values };
}
