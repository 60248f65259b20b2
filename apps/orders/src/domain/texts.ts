import type { Language } from "@kontor/errors";
import { declineCodeOf, type EndReason, isEndReason } from "./end-reason.ts";
import type { OrderEvent } from "./order.ts";

/** The sentences about an order in one language. Events are stored with the English detail; it is translated when it is read. */
export interface Texts {
  /** Returns the reason of an order's end, from the stored reason and detail. */
  readonly end: (reason: string, detail: string) => string;
  /** Returns a reason that a person or the shop gave: sentences of the shop are translated. */
  readonly given: (reason: string) => string;
  /** Returns why a cancellation was refused. */
  readonly refusal: (detail: string) => string;
  /** Descriptions of events without further facts. */
  readonly plain: Readonly<Record<PlainEvent, string>>;
  readonly dispatched: (trackingNumber: string) => string;
  readonly rejected: (why: string) => string;
  readonly refused: (why: string) => string;
  readonly cancelled: (why: string) => string;
  readonly requestedBy: Readonly<Record<"CANCELLED_BY_CUSTOMER" | "CANCELLED_BY_SHOP", string>>;
  readonly refunded: (amount: string) => string;
}

/** Events whose description has no parts. */
type PlainEvent = Exclude<
  OrderEvent["type"],
  "dispatched" | "rejected" | "cancellation-requested" | "cancellation-refused" | "cancelled" | "refunded"
>;

const en: Texts = {
  end: (_reason, detail) => detail,
  given: (reason) => reason,
  refusal: (detail) => detail,
  plain: {
    placed: "The order was placed.",
    "stock-reserved": "The items were set aside.",
    "payment-action-required": "The bank asked the shopper to confirm the payment.",
    "payment-authorised": "The payment was authorised.",
    "stock-committed": "The items were taken out of stock.",
    confirmed: "The payment was taken; the order is confirmed.",
    shipped: "The carrier took the parcel.",
    completed: "The parcel was delivered.",
    adopted: "The order was added to the account with its mail address.",
  },
  dispatched: (trackingNumber) => `The parcel was handed to dispatch as ${trackingNumber}.`,
  rejected: (why) => `The order was rejected: ${why}`,
  refused: (why) => `The cancellation was refused: ${why}`,
  cancelled: (why) => `The order was cancelled: ${why}`,
  requestedBy: {
    CANCELLED_BY_CUSTOMER: "The customer requested a cancellation",
    CANCELLED_BY_SHOP: "The shop requested a cancellation",
  },
  refunded: (amount) => `${amount} was given back`,
};

const endsDe: Readonly<Record<EndReason, string>> = {
  PAYMENT_DECLINED: "Die Zahlung wurde abgelehnt.",
  PAYMENT_NOT_CONFIRMED: "Die Zahlung wurde nicht rechtzeitig bestätigt.",
  OUT_OF_STOCK: "Ein Artikel ist nicht mehr vorrätig.",
  RESERVATION_EXPIRED: "Die reservierten Artikel wurden freigegeben, bevor die Zahlung abgeschlossen war.",
  CHECKOUT_TIMED_OUT: "Die Bestellung konnte nicht rechtzeitig abgeschlossen werden. Es wurde nichts berechnet.",
  CHECKOUT_FAILED: "Die Bestellung konnte nicht abgeschlossen werden. Es wurde nichts berechnet.",
  PROMOTION_USED_UP:
    "Ein Gutschein oder eine Aktion war aufgebraucht, bevor sie für die Bestellung vorgemerkt werden konnte.",
  CANCELLED_BY_CUSTOMER: "Vom Kunden storniert.",
  CANCELLED_BY_SHOP: "Vom Shop storniert.",
};

const declinesDe: Readonly<Record<string, string>> = {
  card_declined: "Die Bank hat die Zahlung abgelehnt.",
  insufficient_funds: "Die Bank hat die Zahlung abgelehnt, weil das Konto nicht gedeckt ist.",
  authentication_failed: "Die Zahlung wurde bei der Bank nicht bestätigt.",
  card_expired: "Die Karte ist abgelaufen.",
  method_not_accepted: "Die Zahlung wurde nicht angenommen.",
  unknown_payment_method: "Die Zahlungsart ist nicht bekannt.",
};

/** Stored sentences that are not the detail of a reason. */
const sentencesDe: Readonly<Record<string, string>> = {
  "Cancelled; the payment was refunded.": "Storniert; die Zahlung wurde erstattet.",
  "The order was cancelled.": "Die Bestellung wurde storniert.",
  "The carrier already has the parcel.": "Der Versanddienst hat das Paket schon.",
  "The order could not be cancelled.": "Die Bestellung konnte nicht storniert werden.",
};

const de: Texts = {
  end(reason, detail) {
    if (sentencesDe[detail] !== undefined) return sentencesDe[detail];
    if (!isEndReason(reason)) return detail;
    return declinesDe[declineCodeOf({ reason, detail }) ?? ""] ?? endsDe[reason];
  },
  given: (reason) => sentencesDe[reason] ?? reason,
  refusal: (detail) => sentencesDe[detail] ?? "Die Bestellung konnte nicht storniert werden.",
  plain: {
    placed: "Die Bestellung wurde aufgegeben.",
    "stock-reserved": "Die Artikel wurden zurückgelegt.",
    "payment-action-required": "Die Bank verlangt, dass der Kunde die Zahlung bestätigt.",
    "payment-authorised": "Die Zahlung wurde autorisiert.",
    "stock-committed": "Die Artikel wurden aus dem Lager genommen.",
    confirmed: "Die Zahlung wurde eingezogen; die Bestellung ist bestätigt.",
    shipped: "Der Versanddienst hat das Paket übernommen.",
    completed: "Das Paket wurde zugestellt.",
    adopted: "Die Bestellung wurde dem Konto mit ihrer Mailadresse hinzugefügt.",
  },
  dispatched: (trackingNumber) => `Das Paket wurde unter ${trackingNumber} dem Versand übergeben.`,
  rejected: (why) => `Die Bestellung wurde abgelehnt: ${why}`,
  refused: (why) => `Die Stornierung wurde abgelehnt: ${why}`,
  cancelled: (why) => `Die Bestellung wurde storniert: ${why}`,
  requestedBy: {
    CANCELLED_BY_CUSTOMER: "Der Kunde hat die Stornierung verlangt",
    CANCELLED_BY_SHOP: "Der Shop hat die Stornierung verlangt",
  },
  refunded: (amount) => `${amount} wurden erstattet`,
};

/** The sentences about an order, by language. */
export const texts: Readonly<Record<Language, Texts>> = { en, de };
