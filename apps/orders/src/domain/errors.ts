import { defineErrors } from "@kontor/errors";

/** The refusals of orders. The keys are public. */
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
  CART_NOT_FOUND: {
    code: "NOT_FOUND",
    message: "There is no such cart. Create one.",
    de: "Diesen Warenkorb gibt es nicht. Legen Sie einen an.",
  },
  CART_MERGED: {
    code: "FAILED_PRECONDITION",
    message: "The cart was merged into the cart of a user who logged in. Use that one.",
    de: "Der Warenkorb wurde bei der Anmeldung mit dem des Benutzers vereint. Verwenden Sie diesen.",
  },
  CART_ORDERED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) =>
      `The cart became order ${f.orderId} and takes no changes. Create another cart.`,
    de: "Der Warenkorb wurde zur Bestellung {orderId} und nimmt keine Änderungen an. Legen Sie einen anderen an.",
  },
  CART_LINE_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { sku: string }) => `The cart has no line with the SKU ${f.sku}.`,
    de: "Der Warenkorb hat keine Position mit der SKU {sku}.",
  },
  CART_BUSY: {
    code: "ABORTED",
    message: "The carts were changed by other requests all the time. Try again.",
    de: "Die Warenkörbe wurden laufend von anderen Anfragen geändert. Versuchen Sie es erneut.",
  },
  CART_CHANGED: {
    code: "ABORTED",
    message: (f: { version: string; total: string; currency: string }) =>
      `The cart or its prices have changed: the total is ${f.total} minor units of ${f.currency}. Show the cart of the details, and check out version ${f.version}.`,
    de: "Der Warenkorb oder seine Preise haben sich geändert. Prüfen Sie den neuen Stand, bevor Sie bestellen.",
  },
  CART_NOT_READY: {
    code: "ABORTED",
    message: (f: { problems: string }) =>
      `The cart cannot be ordered: ${f.problems}. Solve the problems of the cart in the details.`,
    de: "Der Warenkorb kann so nicht bestellt werden. Beheben Sie die angezeigten Probleme.",
  },
  ORDER_LINK_INVALID: {
    code: "NOT_FOUND",
    message: "The link is invalid or has expired. Use the link of the newest mail.",
    de: "Der Link ist ungültig oder abgelaufen. Verwenden Sie den Link der neuesten Mail.",
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
