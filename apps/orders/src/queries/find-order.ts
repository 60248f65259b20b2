import { orderErrors } from "../domain/errors.ts";
import { isOrderId, type Order } from "../domain/order.ts";
import type { Orders } from "../ports.ts";

/** Who asks: the owner of an order, or someone who may read any. */
export type Reader = { readonly userId: string; readonly readsAny: boolean };

/** Finds an order for its reader. Someone else's order does not exist: ORDER_NOT_FOUND. */
export function findOrder({ orders }: { orders: Pick<Orders, "find"> }) {
  return async (orderId: string, reader: Reader): Promise<Order> => {
    const order = isOrderId(orderId) ? await orders.find(orderId) : undefined;
    if (order === undefined || (order.userId !== reader.userId && !reader.readsAny))
      throw orderErrors.ORDER_NOT_FOUND({ orderId });
    return order;
  };
}
