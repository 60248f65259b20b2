import { defineErrors } from "@kontor/errors";

/** What can be wrong with what is asked of an order. The keys are public. */
export const orderErrors = defineErrors("orders.shop", {
  ORDER_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { orderId: string }) => `Order ${f.orderId} does not exist.`,
    de: "Die Bestellung {orderId} gibt es nicht.",
  },
  ORDER_NUMBER_TAKEN: {
    code: "ABORTED",
    message: (f: { number: string }) => `Another order has the number ${f.number}. Try again.`,
    de: "Eine andere Bestellung hat die Nummer {number}. Versuchen Sie es erneut.",
  },
  ORDER_NOT_CANCELLABLE: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string; status: string }) => `Order ${f.orderId} is ${f.status} and cannot be cancelled.`,
    de: "Die Bestellung {orderId} hat den Status {status} und kann nicht storniert werden.",
  },
  PRICE_CHANGED: {
    code: "FAILED_PRECONDITION",
    message: (f: { field: string; productId: string; seenPrice: bigint; realPrice: bigint; currency: string }) =>
      `${f.productId} costs ${f.realPrice}, not ${f.seenPrice} (minor units of ${f.currency}).`,
    de: "{productId} kostet {realPrice}, nicht {seenPrice} (kleinste Einheiten von {currency}).",
  },
  OUT_OF_STOCK: {
    code: "FAILED_PRECONDITION",
    message: (f: { field: string; sku: string; wanted: number; available?: number }) =>
      f.available === undefined
        ? `Fewer than ${f.wanted} of ${f.sku} can be ordered.`
        : `Only ${f.available} of ${f.sku} can be ordered, not ${f.wanted}.`,
    de: (f: { sku: string; wanted: number; available?: number }) =>
      f.available === undefined
        ? `Von ${f.sku} können weniger als ${f.wanted} bestellt werden.`
        : `Von ${f.sku} können nur ${f.available} bestellt werden, nicht ${f.wanted}.`,
  },
  MIXED_CURRENCIES: {
    code: "FAILED_PRECONDITION",
    message: "The items have different currencies. Place one order per currency.",
    de: "Die Artikel haben verschiedene Währungen. Geben Sie für jede Währung eine Bestellung auf.",
  },
  OVERLOADED: {
    code: "UNAVAILABLE",
    message: "The shop is overloaded. Place the order again after the time in Retry-After.",
    de: "Es treffen mehr Bestellungen ein, als jetzt bearbeitet werden können. Bestellen Sie nach der Zeit in Retry-After erneut.",
  },
  SAGA_NOT_ENDABLE: {
    code: "FAILED_PRECONDITION",
    message: (f: { saga: string }) =>
      `A saga of ${f.saga} cannot be ended: only a checkout can. Remove the cause in lastError and resume it.`,
    de: "Eine Saga {saga} kann nicht beendet werden, nur ein Checkout. Beheben Sie die Ursache in lastError und setzen Sie sie fort.",
  },
  SAGA_NOT_PARKED: {
    code: "FAILED_PRECONDITION",
    message: (f: { saga: string; sagaId: string }) => `Saga ${f.saga} ${f.sagaId} is not parked.`,
    de: "Die Saga {saga} {sagaId} ist nicht geparkt.",
  },
});
