import { orderErrors } from "../domain/errors.ts";
import { isOrderId, type Order } from "../domain/order.ts";
import { readOrderNumber } from "../domain/order-number.ts";
import type { Orders } from "../ports.ts";

/** Who asks: the owner of an order, or someone who may read any. */
export type Reader = { readonly userId: string; readonly readsAny: boolean };

/** Returns an order by its id or its number, to its reader. Other readers get ORDER_NOT_FOUND, as for what does not exist. */
export function findOrder({ orders }: { orders: Pick<Orders, "find" | "findByNumber"> }) {
  return async (orderId: string, reader: Reader): Promise<Order> => {
    const number = readOrderNumber(orderId);
    const byId = isOrderId(orderId) ? await orders.find(orderId) : undefined;
    const order = byId ?? (number === undefined ? undefined : await orders.findByNumber(number));
    if (order === undefined || (order.userId !== reader.userId && !reader.readsAny))
      throw orderErrors.ORDER_NOT_FOUND({ orderId });
    return order;
  };
}
