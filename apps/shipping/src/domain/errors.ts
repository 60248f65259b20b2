import { defineErrors } from "@kontor/errors";

/** The refusals of shipping. The keys are public. */
export const shippingErrors = defineErrors("shipping.shop", {
  SHIPMENT_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { orderId: string }) => `Order ${f.orderId} has no shipment.`,
    de: "Die Bestellung {orderId} hat keine Sendung.",
  },
  SHIPMENT_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The shipment of order ${f.orderId} was cancelled.`,
    de: "Die Sendung der Bestellung {orderId} wurde zurückgerufen.",
  },
  SHIPMENT_PICKED_UP: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The carrier already has the parcel of order ${f.orderId}.`,
    de: "Der Zusteller hat das Paket der Bestellung {orderId} schon.",
  },
  METHOD_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { method: string }) => `There is no shipping method ${f.method}.`,
    de: "Eine Versandart {method} gibt es nicht.",
  },
  COUNTRY_NOT_SERVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { country: string }) => `We do not ship to ${f.country}.`,
    de: "Wir liefern nicht nach {country}.",
  },
  CURRENCY_NOT_SERVED: {
    code: "FAILED_PRECONDITION",
    message: (f: { currency: string }) => `Shipping cannot be paid in ${f.currency}.`,
    de: "Der Versand kann nicht in {currency} bezahlt werden.",
  },
  PARCEL_TOO_HEAVY: {
    code: "FAILED_PRECONDITION",
    message: (f: { weightGrams: number; limitGrams: number }) =>
      `A parcel weighs at most ${f.limitGrams} g, not ${f.weightGrams} g.`,
    de: "Ein Paket wiegt höchstens {limitGrams} g, nicht {weightGrams} g.",
  },
  SHIPMENT_REFUSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string; why: string }) => `The carrier refused the parcel of order ${f.orderId}: ${f.why}`,
    de: "Der Zusteller lehnt das Paket der Bestellung {orderId} ab: {why}",
  },
  CARRIER_UNAVAILABLE: {
    code: "UNAVAILABLE",
    message: "The carrier has not responded; the outcome is unknown. Retry later.",
    de: "Der Zusteller hat nicht geantwortet. Was er getan hat, ist noch nicht bekannt.",
  },
  CARRIER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { carrier: string }) => `There is no carrier ${f.carrier}.`,
    de: "Einen Zusteller {carrier} gibt es nicht.",
  },
  SIGNATURE_WRONG: {
    code: "UNAUTHENTICATED",
    message: "The webhook's signature does not match its body.",
    de: "Die Signatur passt nicht zur Nachricht.",
  },
});
