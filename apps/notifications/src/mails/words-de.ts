import type { Words } from "./words.ts";

export const de: Words = {
  language: "de",
  greeting: (name) => (name === "" ? "Guten Tag," : `Guten Tag ${name},`),
  closing: (shop) => `Freundliche Grüße\nIhr ${shop}-Team`,
  subject: {
    "order-confirmed": (id) => `Ihre Bestellung ${id} ist bestätigt`,
    "order-shipped": (id) => `Ihre Bestellung ${id} ist unterwegs`,
    "order-rejected": (id) => `Wir können Ihre Bestellung ${id} nicht ausführen`,
    "order-cancelled": (id) => `Ihre Bestellung ${id} ist storniert`,
    "payment-refunded": (id) => `Erstattung zu Ihrer Bestellung ${id}`,
  },
  opening: {
    "order-confirmed": (id) => `Vielen Dank für Ihre Bestellung ${id}. Sie ist bezahlt, und wir packen sie gerade.`,
    "order-shipped": (id) => `Wir haben Ihre Bestellung ${id} dem Versanddienst übergeben.`,
    "order-rejected": (id) => `Es tut uns leid: Wir können Ihre Bestellung ${id} nicht ausführen.`,
    "order-cancelled": (id) => `Ihre Bestellung ${id} wurde storniert.`,
    "payment-refunded": (id) => `Wir haben Ihnen zu Ihrer Bestellung ${id} Geld erstattet.`,
  },
  nothingCharged: "Diese Bestellung wird Ihnen nicht berechnet. Was bereits abgebucht wurde, erhalten Sie zurück.",
  refundOf: (amount) =>
    `Sie erhalten ${amount} auf Ihrem Zahlungsweg zurück. Bis zur Gutschrift können einige Tage vergehen.`,
  reasons: {
    PAYMENT_DECLINED: "Die Zahlung wurde abgelehnt.",
    PAYMENT_NOT_CONFIRMED: "Die Zahlung wurde nicht rechtzeitig bestätigt.",
    OUT_OF_STOCK: "Ein Artikel ist nicht mehr vorrätig.",
    RESERVATION_EXPIRED: "Die Zahlung hat zu lange gedauert, und wir konnten die Artikel nicht länger zurücklegen.",
    CHECKOUT_TIMED_OUT: "Wir konnten die Bestellung nicht rechtzeitig abschließen. Bitte bestellen Sie noch einmal.",
    CHECKOUT_FAILED: "Wir konnten die Bestellung nicht abschließen. Bitte bestellen Sie noch einmal.",
    CANCELLED_BY_CUSTOMER: "Sie haben die Stornierung gewünscht.",
    CANCELLED_BY_SHOP: "Der Shop hat sie storniert.",
    PROMOTION_USED_UP:
      "Ein Gutschein oder eine Aktion war aufgebraucht, bevor sie für die Bestellung vorgemerkt werden konnte.",
  },
  declines: {
    card_declined: "Die Bank hat die Zahlung abgelehnt.",
    insufficient_funds: "Die Bank hat die Zahlung abgelehnt, weil das Konto nicht gedeckt ist.",
    authentication_failed: "Die Zahlung wurde bei der Bank nicht bestätigt.",
    card_expired: "Die Karte ist abgelaufen.",
    method_not_accepted: "Die Zahlung wurde nicht angenommen. Bitte wählen Sie eine andere Zahlungsart.",
    unknown_payment_method: "Die Zahlungsart ist nicht bekannt. Bitte wählen Sie eine andere.",
  },
  items: "Artikel",
  shipping: "Versand",
  discount: "Rabatt",
  tax: "Steuer",
  taxIncluded: "In der Summe enthaltene Steuer",
  total: "Gesamt",
  address: "Lieferadresse",
  tracking: "Sendungsnummer",
  link: "Ihre Bestellung",
  reason: "Grund",
};
