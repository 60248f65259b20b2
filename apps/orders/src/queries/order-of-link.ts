import { orderErrors } from "../domain/errors.ts";
import type { Order } from "../domain/order.ts";
import type { OrderLinks, Orders } from "../ports.ts";

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Returns the order that a token opens. Throws ORDER_LINK_INVALID, the same whatever is wrong with the token. */
export function orderOfLink({ links, orders }: { links: Pick<OrderLinks, "orderOf">; orders: Pick<Orders, "find"> }) {
  return async (token: string): Promise<Order> => {
    const orderId = TOKEN.test(token) ? await links.orderOf(token) : undefined;
    const order = orderId === undefined ? undefined : await orders.find(orderId);
    if (order === undefined) throw orderErrors.ORDER_LINK_INVALID();
    return order;
  };
}
