import { definePages, type PageRequest } from "@kontor/paging";
import type { OrderFilter, Orders } from "../ports.ts";

export type SearchOrders = PageRequest & { readonly filter: OrderFilter };

const pages = definePages({ list: "orders.search", domain: "orders.shop", cursor: { id: /[\w-]{1,64}/ } });

/** Returns a page of the orders of all users that a filter describes. */
export function searchOrders({ orders }: { orders: Pick<Orders, "search"> }) {
  return async ({ filter, ...request }: SearchOrders) => {
    const { after, ...page } = pages.read(request, filter);
    const found = await orders.search(filter, { ...(after && { after: after.id }), limit: page.limit });
    return page.of(found, ({ orderId }) => ({ id: orderId }));
  };
}
