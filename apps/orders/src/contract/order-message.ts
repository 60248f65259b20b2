import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Language } from "@kontor/errors";
import { type Order as OrderMessage, OrderSchema, OrderStatus } from "@kontor/shop/contracts/orders/v1/order";
import { present } from "@kontor/text";
import { declineCodeOf } from "../domain/end-reason.ts";
import { type Address, isGuest, type Line, type Order } from "../domain/order.ts";
import { texts } from "../domain/texts.ts";
import { chargesMessage, partMessage } from "./charges-message.ts";

/** Returns the order as the contract shows it, with its sentences in a language. */
export function orderMessage(order: Order, language: Language): OrderMessage {
  const { reason, actionUrl, trackingNumber } = order;
  const declineCode = declineCodeOf({ reason, detail: order.reasonDetail });
  const reasonDetail = order.reasonDetail && texts[language].end(reason, order.reasonDetail);
  return create(OrderSchema, {
    id: order.orderId,
    ...(order.number !== undefined && { number: order.number }),
    userId: order.userId,
    status: statusOf(order),
    items: order.lines.map((line, index) => lineMessage(line, order, index)),
    itemsTotal: order.itemsTotal,
    shippingTotal: order.shippingTotal,
    total: order.total,
    shippingAddress: addressMessage(order.address),
    shippingMethod: order.shippingMethod,
    paymentMethod: order.paymentMethod,
    ...present({ reason, reasonDetail, actionUrl, trackingNumber, note: order.note ?? "" }),
    ...(order.charges !== undefined && { charges: chargesMessage(order.charges, order.total.currency) }),
    ...(order.billingAddress !== undefined && { billingAddress: addressMessage(order.billingAddress) }),
    ...(isGuest(order) && present({ email: order.email ?? "", locale: order.locale ?? "" })),
    ...(declineCode !== undefined && { declineCode }),
    refunded: { currency: order.total.currency, minor: order.refunded },
    version: order.version,
    placedAt: timestampFromDate(order.placedAt),
    updatedAt: timestampFromDate(order.updatedAt),
  });
}

function addressMessage({ line2, region, ...address }: Address) {
  return { ...address, ...present({ line2, region }) };
}

/** Pods of the version before read the price of a unit from `priceMinor`. */
function lineMessage({ price, ...line }: Line, { total: { currency }, charges }: Order, index: number) {
  const total = { currency, minor: price * BigInt(line.quantity) };
  const part = charges?.lines[index];
  return {
    ...{ ...line, priceMinor: price, price: { currency, minor: price }, total },
    ...(part !== undefined && { charges: partMessage(part, currency) }),
  };
}

const statuses = {
  placed: OrderStatus.PLACED,
  confirmed: OrderStatus.CONFIRMED,
  shipped: OrderStatus.SHIPPED,
  completed: OrderStatus.COMPLETED,
  rejected: OrderStatus.REJECTED,
  cancelled: OrderStatus.CANCELLED,
} as const;

/** While a cancellation is being decided, the shopper sees that status. */
export function statusOf(order: Pick<Order, "stage" | "cancelling">): OrderStatus {
  return order.cancelling ? OrderStatus.CANCELLING : statuses[order.stage];
}
