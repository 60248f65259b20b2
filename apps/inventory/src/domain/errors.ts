import { defineErrors } from "@kontor/errors";

export const inventoryErrors = defineErrors("inventory.shop", {
  SKU_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { sku: string }) => `SKU ${f.sku} has no stock record.`,
    de: "Von {sku} gab es noch keinen Bestand.",
  },
  LOCATION_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { locationId: string }) => `There is no location ${f.locationId}.`,
    de: "Den Standort {locationId} gibt es nicht.",
  },
  STOCK_TOO_LOW: {
    code: "FAILED_PRECONDITION",
    message: (f: { sku: string; locationId: string; delta: number }) =>
      `${f.locationId} has not enough available units of ${f.sku} for a change of ${f.delta}.`,
    de: "{locationId} hat nicht genug verfügbare Stücke von {sku} für eine Änderung um {delta}.",
  },
  STOCK_TOO_HIGH: {
    code: "FAILED_PRECONDITION",
    message: (f: { sku: string; delta: number; max: number }) =>
      `A change of ${f.delta} would lead to more than ${f.max} units of ${f.sku}. Book less.`,
    de: "Eine Änderung um {delta} ergäbe mehr als {max} Stück von {sku}. Buchen Sie weniger.",
  },
  STOCK_BUSY: {
    code: "ABORTED",
    message: (f: { key: string }) => `Another change holds the lock of ${f.key}. Retry after the time in Retry-After.`,
    de: "Eine andere Änderung sperrt {key}. Wiederholen Sie die Anfrage nach der Zeit in Retry-After.",
  },
  OUT_OF_STOCK: {
    code: "FAILED_PRECONDITION",
    message: (f: { sku: string; wanted: number; available: number }) =>
      `${f.wanted} of ${f.sku} are wanted, ${f.available} are available.`,
    de: "Von {sku} sind {available} verfügbar, nicht {wanted}.",
  },
  RESERVATION_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { orderId: string }) => `Order ${f.orderId} has no reservation.`,
    de: "Für die Bestellung {orderId} wurde nichts reserviert.",
  },
  RESERVATION_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string; status: string }) => `The reservation of order ${f.orderId} is ${f.status}.`,
    de: "Die Reservierung der Bestellung {orderId} hat den Status {status}.",
  },
  RESERVATION_COMMITTED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `The units of order ${f.orderId} are sold. Return them instead.`,
    de: "Die Stücke der Bestellung {orderId} sind verkauft. Nehmen Sie sie zurück.",
  },
  RESERVATION_DIFFERS: {
    code: "ALREADY_EXISTS",
    message: (f: { orderId: string }) => `Order ${f.orderId} has reserved other items.`,
    de: "Die Bestellung {orderId} hat andere Artikel reserviert.",
  },
});
