import { event, type OutgoingEvent } from "@kontor/messaging";
import {
  OrderAdoptedSchema,
  OrderCancelledSchema,
  OrderCompletedSchema,
  OrderConfirmedSchema,
  OrderPlacedSchema,
  OrderRejectedSchema,
  OrderShippedSchema,
} from "@kontor/shop/contracts/orders/v1/events";
import type { Order, OrderEvent } from "../domain/order.ts";
import { orderMessage } from "./order-message.ts";

const published = {
  placed: OrderPlacedSchema,
  confirmed: OrderConfirmedSchema,
  rejected: OrderRejectedSchema,
  cancelled: OrderCancelledSchema,
  shipped: OrderShippedSchema,
  completed: OrderCompletedSchema,
  adopted: OrderAdoptedSchema,
} as const;

/** Returns the published event of a stored one: only milestones, each with the order after it. Other events are internal. */
export function publicationOf({ type }: OrderEvent, order: Order): OutgoingEvent[] {
  if (!(type in published)) return [];
  const schema = published[type as keyof typeof published];
  return [event(schema, { order: orderMessage(order, "en") }, { key: order.orderId })];
}
