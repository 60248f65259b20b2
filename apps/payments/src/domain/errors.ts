import { defineErrors } from "@kontor/errors";

export const paymentErrors = defineErrors("payments.kontor", {
  PAYMENT_NOT_FOUND: { code: "NOT_FOUND", message: "The payment does not exist." },
  PAYMENT_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The payment of order ${f.orderId} was voided.`,
  },
  PAYMENT_DIFFERS: {
    code: "ALREADY_EXISTS",
    message: (f: { orderId: string; amount: bigint; currency: string }) =>
      `Order ${f.orderId} has a payment of ${f.amount} ${f.currency} already, in minor units.`,
  },
  PAYMENT_NOT_AUTHORISED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string; status: string }) => `The payment of order ${f.orderId} is ${f.status}.`,
  },
  PAYMENT_CAPTURED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The payment of order ${f.orderId} was taken: refund it instead.`,
  },
  REFUND_TOO_HIGH: {
    code: "FAILED_PRECONDITION",
    message: (f: { amount: bigint; refundable: bigint }) =>
      `${f.amount} cannot be refunded, only ${f.refundable} is left, in minor units.`,
  },
  REFUND_CURRENCY: {
    code: "FAILED_PRECONDITION",
    message: (f: { currency: string; paid: string }) =>
      `A payment in ${f.paid} cannot be refunded in ${f.currency}. Send the amount in ${f.paid}.`,
  },
  PAYMENT_OUTCOME_UNKNOWN: {
    code: "UNAVAILABLE",
    message: "The card provider has not answered yet; it may have acted. Ask again.",
  },
  PROVIDER_REFUSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { code: string }) => `The card provider refused: ${f.code}.`,
  },
  PAYMENT_FORGOTTEN: {
    code: "FAILED_PRECONDITION",
    message: "The card provider does not know this payment, although it took it in. Compare both, then decide by hand.",
  },
  PROVIDER_CONTRADICTS: {
    code: "INTERNAL",
    message: (f: { orderId: string; difference: string }) =>
      `The card provider and we disagree about order ${f.orderId}: ${f.difference}.`,
  },
  PROVIDER_UNKNOWN: {
    code: "NOT_FOUND",
    message: (f: { provider: string }) => `No card provider is called ${f.provider}.`,
  },
  SIGNATURE_WRONG: { code: "UNAUTHENTICATED", message: "The webhook is not signed by the card provider." },
});
