import { orderErrors } from "../domain/errors.ts";
import { isOrderId, type Order } from "../domain/order.ts";
import { readOrderNumber } from "../domain/order-number.ts";
import type { Orders } from "../ports.ts";

/** The reader: the owner of an order, or staff who may read any. */
export type Reader = { readonly userId: string; readonly readsAny: boolean };

type Deps = { readonly orders: Pick<Orders, "find" | "findByNumber"> };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns an order by its id or its number, to its reader. Other readers get ORDER_NOT_FOUND, as for an unknown order. */
export function findOrder(deps: Deps) {
  return async (orderId: string, reader: Reader): Promise<Order> => {
    const order = await orderNamed(deps, orderId);
    if (order === undefined || (order.userId !== reader.userId && !reader.readsAny))
      throw orderErrors.ORDER_NOT_FOUND({ orderId });
    return order;
  };
}

/**
 * Returns the order that an id or a number names; undefined if there is none. This is the one place that decides which texts name an order.
 */
export async function orderNamed({ orders }: Deps, text: string): Promise<Order | undefined> {
  const byId = isOrderId(text) ? await orders.find(UUID.test(text) ? text.toLowerCase() : text) : undefined;
  if (byId !== undefined) return byId;
  const number = readOrderNumber(text);
  return number === undefined ? undefined : orders.findByNumber(number);
}
