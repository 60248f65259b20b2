import type { Words } from "./words.ts";

export const en: Words = {
  language: "en",
  greeting: (name) => (name === "" ? "Hello," : `Hello ${name},`),
  closing: (shop) => `Kind regards\nYour ${shop} team`,
  subject: {
    "order-confirmed": (id) => `Your order ${id} is confirmed`,
    "order-shipped": (id) => `Your order ${id} is on its way`,
    "order-rejected": (id) => `We cannot fulfil your order ${id}`,
    "order-cancelled": (id) => `Your order ${id} is cancelled`,
    "payment-refunded": (id) => `Refund for your order ${id}`,
  },
  opening: {
    "order-confirmed": (id) => `Thank you for your order ${id}. It is paid, and we are packing it now.`,
    "order-shipped": (id) => `We have handed your order ${id} to the carrier.`,
    "order-rejected": (id) => `We are sorry: we cannot fulfil your order ${id}.`,
    "order-cancelled": (id) => `Your order ${id} has been cancelled.`,
    "payment-refunded": (id) => `We have refunded a payment for your order ${id}.`,
  },
  nothingCharged: "Nothing stays charged to you for this order. What was already taken, you get back.",
  refundOf: (amount) =>
    `You get ${amount} back the way you paid. It may take a few days until it appears on your statement.`,
  reasons: {
    PAYMENT_DECLINED: "The payment was declined.",
    PAYMENT_NOT_CONFIRMED: "The payment was not confirmed in time.",
    OUT_OF_STOCK: "An item is no longer in stock.",
    RESERVATION_EXPIRED: "The payment took too long, and the items could not be held any longer.",
    CHECKOUT_TIMED_OUT: "We could not complete the order in time. Please place it again.",
    CHECKOUT_FAILED: "We could not complete the order. Please place it again.",
    CANCELLED_BY_CUSTOMER: "You asked us to cancel it.",
    CANCELLED_BY_SHOP: "The shop has cancelled it.",
  },
  declines: {
    card_declined: "The bank has declined the payment.",
    insufficient_funds: "The bank has declined the payment: the account does not cover the amount.",
    authentication_failed: "The payment was not confirmed with the bank.",
    card_expired: "The card has expired.",
    method_not_accepted: "The payment was not accepted. Please choose another payment method.",
    unknown_payment_method: "The payment method is not known. Please choose another one.",
  },
  items: "Items",
  shipping: "Shipping",
  total: "Total",
  address: "Shipping address",
  tracking: "Tracking number",
  reason: "Reason",
};
