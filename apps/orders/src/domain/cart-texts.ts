import type { Language } from "@kontor/errors";
import { formatMoney, type Money } from "@kontor/money";
import type { CartProblem } from "./cart-problems.ts";

/** Reasons of other services that have a German sentence here. Others are shown in English. */
const reasonsDe: Readonly<Record<string, string>> = {
  COUNTRY_NOT_SERVED: "In dieses Land wird nicht geliefert.",
  CURRENCY_NOT_SERVED: "In dieser Währung gibt es keinen Versand.",
  PARCEL_TOO_HEAVY: "Der Warenkorb ist zu schwer für diese Versandart.",
  METHOD_NOT_FOUND: "Diese Versandart gibt es nicht.",
};

/** Why pricing does not apply a coupon, by its reasons. */
const couponReasons: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    COUPON_UNKNOWN: "there is no such code",
    COUPON_EXPIRED: "it is over",
    COUPON_NOT_YET_VALID: "it is not valid yet",
    COUPON_USED_UP: "it is used up",
    CUSTOMER_LIMIT: "you have used it as often as allowed",
    TOTAL_TOO_LOW: "the total of the goods is too low",
    CURRENCY: "it has no amount in the currency of the cart",
    GOODS_MISSING: "the cart lacks the goods that it is for",
    NOT_ELIGIBLE: "it is for other customers",
    NOT_FIRST_ORDER: "it is for first orders only",
    NOT_COMBINABLE: "it cannot be combined with another promotion",
    NOTHING_TO_DISCOUNT: "nothing is left to discount",
    SAME_PROMOTION: "another code has the same promotion",
  },
  de: {
    COUPON_UNKNOWN: "diesen Code gibt es nicht",
    COUPON_EXPIRED: "er ist abgelaufen",
    COUPON_NOT_YET_VALID: "er gilt noch nicht",
    COUPON_USED_UP: "er ist aufgebraucht",
    CUSTOMER_LIMIT: "Sie haben ihn so oft verwendet, wie es erlaubt ist",
    TOTAL_TOO_LOW: "der Warenwert ist zu niedrig",
    CURRENCY: "er hat keinen Betrag in der Währung des Warenkorbs",
    GOODS_MISSING: "die Artikel, für die er gilt, fehlen im Warenkorb",
    NOT_ELIGIBLE: "er ist für andere Kunden",
    NOT_FIRST_ORDER: "er gilt nur für die erste Bestellung",
    NOT_COMBINABLE: "er ist nicht mit einer anderen Aktion kombinierbar",
    NOTHING_TO_DISCOUNT: "es ist nichts mehr zu ermäßigen",
    SAME_PROMOTION: "ein anderer Code gehört zur selben Aktion",
  },
};

function minimumOf({ minimum }: { readonly minimum?: Money }, language: Language): string {
  if (minimum === undefined) return "";
  const amount = formatMoney(minimum, language);
  return language === "de" ? `; er gilt ab ${amount}` : `; it needs ${amount}`;
}

/** Returns a problem in words. */
export function problemText(problem: CartProblem, language: Language): string {
  return language === "de" ? inGerman(problem) : inEnglish(problem);
}

function inEnglish(problem: CartProblem): string {
  switch (problem.kind) {
    case "PRICE_CHANGED":
      return `The price of ${problem.sku} changed from ${formatMoney(problem.seen)} to ${formatMoney(problem.real)}.`;
    case "UNAVAILABLE":
      return `${problem.sku} is not available any more. Remove it.`;
    case "ABOVE_STOCK":
      return problem.available === undefined
        ? `Fewer than ${problem.wanted} of ${problem.sku} can be ordered.`
        : `Only ${problem.available} of ${problem.sku} can be ordered, not ${problem.wanted}.`;
    case "NO_PRICE":
      return `${problem.sku} has no price in ${problem.currency}. Remove it.`;
    case "LIMITED":
      return `Of ${problem.sku}, ${problem.kept} of ${problem.wanted} fit into the cart.`;
    case "COUPON_NOT_APPLICABLE":
      return `The coupon ${problem.code} does not apply: ${couponReasons.en[problem.reason] ?? "it is not accepted for this cart"}${minimumOf(problem, "en")}.`;
    case "PROMOTION_LIMITED":
      return "A promotion was cut, so that nothing costs less than 0.";
    case "METHOD_NOT_ELIGIBLE":
      return problem.detail;
    case "ADDRESS_INCOMPLETE":
      return `The address is incomplete: ${problem.field} is missing.`;
    case "EMAIL_MISSING":
      return "A mail address is needed for the confirmation.";
    case "EMPTY":
      return "The cart is empty.";
    case "TOTAL_TOO_LARGE":
      return "The total is too large for one order. Divide the order.";
  }
}

function inGerman(problem: CartProblem): string {
  switch (problem.kind) {
    case "PRICE_CHANGED": {
      const [seen, real] = [formatMoney(problem.seen, "de"), formatMoney(problem.real, "de")];
      return `Der Preis von ${problem.sku} hat sich von ${seen} auf ${real} geändert.`;
    }
    case "UNAVAILABLE":
      return `${problem.sku} ist nicht mehr verfügbar. Entfernen Sie den Artikel.`;
    case "ABOVE_STOCK":
      return problem.available === undefined
        ? `Von ${problem.sku} können weniger als ${problem.wanted} bestellt werden.`
        : `Von ${problem.sku} können nur ${problem.available} bestellt werden, nicht ${problem.wanted}.`;
    case "NO_PRICE":
      return `${problem.sku} hat keinen Preis in ${problem.currency}. Entfernen Sie den Artikel.`;
    case "LIMITED":
      return `Von ${problem.sku} passen ${problem.kept} von ${problem.wanted} in den Warenkorb.`;
    case "COUPON_NOT_APPLICABLE":
      return `Der Gutschein ${problem.code} gilt nicht: ${couponReasons.de[problem.reason] ?? "er wird für diesen Warenkorb nicht angenommen"}${minimumOf(problem, "de")}.`;
    case "PROMOTION_LIMITED":
      return "Eine Aktion wurde gekürzt, damit nichts weniger als 0 kostet.";
    case "METHOD_NOT_ELIGIBLE":
      return reasonsDe[problem.reason] ?? problem.detail;
    case "ADDRESS_INCOMPLETE":
      return `Die Adresse ist unvollständig: ${problem.field} fehlt.`;
    case "EMAIL_MISSING":
      return "Für die Bestätigung wird eine Mailadresse benötigt.";
    case "EMPTY":
      return "Der Warenkorb ist leer.";
    case "TOTAL_TOO_LARGE":
      return "Die Summe ist für eine Bestellung zu groß. Teilen Sie die Bestellung auf.";
  }
}
