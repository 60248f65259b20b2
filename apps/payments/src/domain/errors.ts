import { defineErrors } from "@kontor/errors";

export const paymentErrors = defineErrors("payments.shop", {
  PAYMENT_NOT_FOUND: { code: "NOT_FOUND", message: "The payment does not exist.", de: "Die Zahlung gibt es nicht." },
  PAYMENT_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The payment of order ${f.orderId} was voided.`,
    de: "Die Zahlung der Bestellung {orderId} wurde aufgehoben.",
  },
  PAYMENT_DIFFERS: {
    code: "ALREADY_EXISTS",
    message: (f: { orderId: string; amount: bigint; currency: string }) =>
      `Order ${f.orderId} has a payment of ${f.amount} ${f.currency} already, in minor units.`,
    de: "Die Bestellung {orderId} hat schon eine Zahlung über {amount} {currency} in kleinsten Währungseinheiten.",
  },
  PAYMENT_NOT_AUTHORISED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string; status: string }) => `The payment of order ${f.orderId} is ${f.status}.`,
    de: "Die Zahlung der Bestellung {orderId} hat den Status {status}.",
  },
  PAYMENT_CAPTURED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The payment of order ${f.orderId} was captured. Refund it instead.`,
    de: "Die Zahlung der Bestellung {orderId} wurde eingezogen. Erstatten Sie sie.",
  },
  REFUND_TOO_HIGH: {
    code: "FAILED_PRECONDITION",
    message: (f: { amount: bigint; refundable: bigint }) =>
      `${f.amount} cannot be refunded, only ${f.refundable} is left, in minor units.`,
    de: "{amount} können nicht erstattet werden, nur {refundable} sind übrig, in kleinsten Währungseinheiten.",
  },
  REFUND_CURRENCY: {
    code: "FAILED_PRECONDITION",
    message: (f: { currency: string; paid: string }) =>
      `A payment in ${f.paid} cannot be refunded in ${f.currency}. Send the amount in ${f.paid}.`,
    de: "Eine Zahlung in {paid} kann nicht in {currency} erstattet werden. Senden Sie den Betrag in {paid}.",
  },
  RESTOCK_TOO_HIGH: {
    code: "FAILED_PRECONDITION",
    message: (f: { field: string; sku: string; quantity: number; sold: number; returned: number; left: number }) =>
      `${f.field}: ${f.quantity} units of ${f.sku} cannot be put back into stock: ${f.sold} were sold, ${f.returned} are back already. Send at most ${f.left}, or leave the line out.`,
    de: "{field}: {quantity} Einheiten von {sku} können nicht zurück in den Bestand: {sold} wurden verkauft, {returned} sind schon zurück. Senden Sie höchstens {left} oder lassen Sie die Zeile weg.",
  },
  PAYMENT_OUTCOME_UNKNOWN: {
    code: "UNAVAILABLE",
    message: "The card provider has not responded; the outcome is unknown. Repeat the request with the same key.",
    de: "Der Kartenanbieter hat noch nicht geantwortet und vielleicht schon gehandelt. Fragen Sie erneut an.",
  },
  PROVIDER_REFUSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { code: string }) => `The card provider refused: ${f.code}.`,
    de: "Der Kartenanbieter hat abgelehnt: {code}.",
  },
  PAYMENT_FORGOTTEN: {
    code: "FAILED_PRECONDITION",
    message:
      "The card provider no longer has this payment, although it accepted it. Compare both records and decide by hand.",
    de: "Der Kartenanbieter kennt diese Zahlung nicht, obwohl er sie angenommen hatte. Vergleichen Sie beide Seiten und entscheiden Sie von Hand.",
  },
  PROVIDER_CONTRADICTS: {
    code: "INTERNAL",
    message: (f: { orderId: string; difference: string }) =>
      `The card provider and we disagree about order ${f.orderId}: ${f.difference}.`,
    de: "Der Kartenanbieter und der Shop haben verschiedene Angaben zur Bestellung {orderId}: {difference}.",
  },
  PROVIDER_UNKNOWN: {
    code: "NOT_FOUND",
    message: (f: { provider: string }) => `There is no card provider ${f.provider}.`,
    de: "Einen Kartenanbieter {provider} gibt es nicht.",
  },
  SIGNATURE_WRONG: {
    code: "UNAUTHENTICATED",
    message: "The webhook's signature is not the card provider's.",
    de: "Der Webhook ist nicht vom Kartenanbieter signiert.",
  },
});
