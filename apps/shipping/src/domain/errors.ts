import { defineErrors } from "@kontor/errors";

/** What can be wrong with what is asked of shipping. The keys are public. */
export const shippingErrors = defineErrors("shipping.kontor", {
  SHIPMENT_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { orderId: string }) => `Order ${f.orderId} has no shipment.`,
  },
  SHIPMENT_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The shipment of order ${f.orderId} was called back.`,
  },
  SHIPMENT_PICKED_UP: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The carrier already has the parcel of order ${f.orderId}.`,
  },
  METHOD_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { method: string }) => `There is no shipping method ${f.method}.`,
  },
  COUNTRY_NOT_SERVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { country: string }) => `We do not ship to ${f.country}.`,
  },
  CURRENCY_NOT_SERVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { currency: string }) => `Shipping cannot be paid in ${f.currency}.`,
  },
  PARCEL_TOO_HEAVY: {
    code: "FAILED_PRECONDITION",
    message: (f: { weightGrams: number; limitGrams: number }) =>
      `A parcel weighs at most ${f.limitGrams} g, not ${f.weightGrams} g.`,
  },
  SHIPMENT_REFUSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string; why: string }) => `The carrier refuses the parcel of order ${f.orderId}: ${f.why}`,
  },
  CARRIER_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "The carrier has not answered; what it did is not known yet.",
  },
  CARRIER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { carrier: string }) => `There is no carrier ${f.carrier}.`,
  },
  SIGNATURE_WRONG: {
    code: "UNAUTHENTICATED",
    message: "The signature does not fit the message.",
  },
});
