import { definePages, type PageRequest } from "@kontor/paging";
import type { Orders } from "../ports.ts";

export type ListOrders = PageRequest & { readonly userId: string };

const pages = definePages({
  list: "orders.orders",
  domain: "orders.shop",
  cursor: { placedAt: /\d{1,15}/, id: /[\w-]{1,64}/ },
});

/** Returns a page of a user's orders, newest first. */
export function listOrders({ orders }: { orders: Pick<Orders, "list"> }) {
  return async ({ userId, ...request }: ListOrders) => {
    const { after, ...page } = pages.read(request, { userId });
    const from = after && { after: { placedAt: new Date(Number(after.placedAt)), id: after.id } };
    const found = await orders.list(userId, { ...from, limit: page.limit });
    return page.of(found, ({ placedAt, orderId }) => ({ placedAt: placedAt.getTime(), id: orderId }));
  };
}
