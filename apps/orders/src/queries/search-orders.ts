import { definePages, type PageRequest } from "@kontor/paging";
import type { OrderFilter, Orders } from "../ports.ts";

export type SearchOrders = PageRequest & { readonly filter: OrderFilter };

const pages = definePages({
  list: "orders.search",
  domain: "orders.kontor",
  cursor: { placedAt: /\d{1,15}/, id: /[\w-]{1,64}/ },
});

/** Returns a page of the orders of all users that a filter describes. */
export function searchOrders({ orders }: { orders: Pick<Orders, "search"> }) {
  return async ({ filter, ...request }: SearchOrders) => {
    const { placedFrom, placedUntil, words, ...same } = filter;
    const bound = {
      ...same,
      placedFrom: placedFrom?.getTime(),
      placedUntil: placedUntil?.getTime(),
      words: words?.join(" "),
    };
    const { after, ...page } = pages.read(request, bound);
    const from = after && { after: { placedAt: new Date(Number(after.placedAt)), id: after.id } };
    const found = await orders.search(filter, { ...from, limit: page.limit });
    return page.of(found, ({ placedAt, orderId }) => ({ placedAt: placedAt.getTime(), id: orderId }));
  };
}
