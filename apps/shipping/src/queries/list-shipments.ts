import { definePages, type PageRequest } from "@kontor/paging";
import type { ShipmentFilter, Shipments } from "../ports.ts";

export type ListShipments = PageRequest & { readonly filter: ShipmentFilter };

const pages = definePages({
  list: "shipping.shipments",
  domain: "shipping.shop",
  cursor: { id: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ },
});

/** Returns a page of the shipments of all users that a filter describes. */
export function listShipments({ shipments }: { shipments: Pick<Shipments, "list"> }) {
  return async ({ filter, ...request }: ListShipments) => {
    const { after, ...page } = pages.read(request, filter);
    const found = await shipments.list(filter, { ...(after && { after: after.id }), limit: page.limit });
    return page.of(found, ({ id }) => ({ id }));
  };
}
