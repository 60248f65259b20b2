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

/** Lists a page of the shipments that a filter describes. Shipments that were cancelled before they began are excluded. */
export const listStatement = statement.dynamic("shipments.list", build, [
  [EVERY_FILTER, { after: "", limit: 1 }],
  [{ oldestFirst: false }, { limit: 1 }],
]);

function build(filter: ShipmentFilter, { after, limit }: ShipmentPage) {
  const { status, createdFrom, createdUntil, userId, orderId, trackingNumber, oldestFirst } = filter;
  const found = conditions();
  found.and("address IS NOT NULL");
  found.equal({ status, user_id: userId, order_id: orderId, tracking_number: trackingNumber });
  found.where(createdFrom, (value) => `created_at >= ${value}`);
  found.where(createdUntil, (value) => `created_at < ${value}`);
  const end = found.page("shipments", { after, limit, oldestFirst });
  return { text: `SELECT ${COLUMNS} FROM shipments WHERE ${found} ${end}`, values: found.values };
}
