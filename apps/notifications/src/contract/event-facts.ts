import type { Money } from "@kontor/contracts/money/v1/money";
import { isCurrency } from "@kontor/money";
import type { Order } from "@kontor/shop/contracts/orders/v1/order";
import type { PaymentRefunded } from "@kontor/shop/contracts/payments/v1/events";
import type { Address as AddressMessage } from "@kontor/shop/contracts/users/v1/address";
import { notificationErrors } from "../domain/errors.ts";
import type { Address, Amount, OrderFacts, RefundFacts } from "../domain/story.ts";
import type { Recipient } from "../ports.ts";

type Mailing<F> = { readonly userId: string; readonly facts: F };

/** Returns whom mails about an order without an account go to; undefined for the order of a user. */
export function guestOf(order: Order | undefined): Recipient | undefined {
  if (order?.email === undefined || order.email === "") return undefined;
  const { userId, email, locale = "en", shippingAddress } = order;
  return { userId, email, locale, displayName: shippingAddress?.recipient ?? "" };
}

/** Returns the value. Throws EVENT_INCOMPLETE, which makes the event a dead letter, if it is missing. */
export function required<T>(event: string, missing: string, value: T | undefined): T {
  if (value === undefined || value === "") throw notificationErrors.EVENT_INCOMPLETE({ event, missing });
  return value;
}

/** Returns the recipient and the facts of an order for a mail. */
export function orderFacts(event: string, message: Order | undefined): Mailing<OrderFacts> {
  const order = required(event, "order", message);
  const total = amountOf(event, "total", order.total);
  const { trackingNumber = "", reason = "", declineCode, shippingAddress } = order;
  const lines = order.items.map(({ title, sku, quantity, price }) => {
    return { title, sku, quantity: `${quantity}`, price: { currency: total.currency, minor: `${price?.minor ?? 0n}` } };
  });
  return {
    userId: required(event, "user", order.userId),
    facts: {
      ...{ orderId: required(event, "order id", order.id), lines, total, trackingNumber, reason },
      itemsTotal: amountOf(event, "total of items", order.itemsTotal),
      shippingTotal: amountOf(event, "price of shipping", order.shippingTotal),
      ...chargesOf(order),
      ...(order.number && { orderNumber: order.number }),
      ...(declineCode && { declineCode }),
      ...(shippingAddress && { address: addressOf(shippingAddress) }),
    },
  };
}

/** Returns discount and tax of an order, as far as it has them. */
function chargesOf({ charges, total }: Order): Pick<OrderFacts, "discount" | "tax" | "taxIncluded"> {
  const { discountTotal, taxTotal, taxIncluded = true } = charges ?? {};
  const amount = (minor: bigint): Amount => ({ currency: total?.currency ?? "", minor: `${minor}` });
  return {
    ...(discountTotal && discountTotal.minor > 0n && { discount: amount(discountTotal.minor) }),
    ...(taxTotal && taxTotal.minor > 0n && { tax: amount(taxTotal.minor), taxIncluded }),
  };
}

/** Returns the recipient and the facts of a refund for a mail. */
export function refundFacts(event: string, { payment: message, amount }: PaymentRefunded): Mailing<RefundFacts> {
  const payment = required(event, "payment", message);
  const { currency } = amountOf(event, "amount", payment.amount);
  const orderId = required(event, "order id", payment.orderId);
  return {
    userId: required(event, "user", payment.userId),
    facts: { orderId, amount: { currency, minor: `${amount?.minor ?? 0n}` } },
  };
}

function amountOf(event: string, name: string, message: Money | undefined): Amount {
  const { currency, minor } = required(event, name, message);
  return {
    currency: required(event, `currency of the ${name}`, isCurrency(currency) ? currency : undefined),
    minor: `${minor}`,
  };
}

function addressOf({ recipient, line1, line2 = "", city, postalCode, region = "", country }: AddressMessage): Address {
  return { recipient, line1, line2, city, postalCode, region, country };
}
