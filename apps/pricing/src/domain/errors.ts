import { defineErrors } from "@kontor/errors";

export const pricingErrors = defineErrors("pricing.shop", {
  RULE_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { kind: string; id: string }) => `There is no ${f.kind} ${f.id}.`,
    de: "{kind} {id} gibt es nicht.",
  },
  RULE_EXISTS: {
    code: "ALREADY_EXISTS",
    message: (f: { kind: string; id: string }) => `There is another ${f.kind} ${f.id}. Choose another id.`,
    de: "{kind} {id} gibt es schon. Wählen Sie eine andere ID.",
  },
  RULE_CHANGED: {
    code: "FAILED_PRECONDITION",
    message: (f: { kind: string; id: string; version: number }) =>
      `The ${f.kind} ${f.id} has version ${f.version} now. Read it and try again.`,
    de: "{kind} {id} hat jetzt die Version {version}. Lesen Sie sie neu und wiederholen Sie die Änderung.",
  },
  HOME_ZONE_EXISTS: {
    code: "FAILED_PRECONDITION",
    message: (f: { zoneId: string }) => `The home zone is ${f.zoneId}. A shop has one.`,
    de: "Die Heimatzone ist {zoneId}. Ein Shop hat nur eine.",
  },
  AREA_TAKEN: {
    code: "FAILED_PRECONDITION",
    message: (f: { area: string; zoneId: string }) => `The area ${f.area} is in the tax zone ${f.zoneId} already.`,
    de: "Das Gebiet {area} gehört schon zur Steuerzone {zoneId}.",
  },
  TAX_RATE_OVERLAPS: {
    code: "FAILED_PRECONDITION",
    message: (f: { rateId: string }) => `The tax rate ${f.rateId} applies at the same time. End it first.`,
    de: "Der Steuersatz {rateId} gilt zur selben Zeit. Beenden Sie ihn zuerst.",
  },
  TAX_RATE_MISSING: {
    code: "FAILED_PRECONDITION",
    message: (f: { zoneId: string; categoryId: string }) =>
      `The tax zone ${f.zoneId} has no rate for ${f.categoryId} now, nor for standard. Add one.`,
    de: "Die Steuerzone {zoneId} hat derzeit keinen Satz für {categoryId} und keinen für standard. Legen Sie einen an.",
  },
  COUPON_NOT_FOUND: {
    code: "NOT_FOUND",
    message: (f: { code: string }) => `There is no coupon ${f.code}.`,
    de: "Den Gutschein {code} gibt es nicht.",
  },
  COUPON_EXISTS: {
    code: "ALREADY_EXISTS",
    message: (f: { code: string }) =>
      `There is a coupon that equals ${f.code}. Codes are compared without case, blanks and dashes.`,
    de: "Einen Gutschein, der {code} gleicht, gibt es schon. Groß- und Kleinschreibung, Leerzeichen und Striche zählen nicht.",
  },
  USE_LIMIT_REACHED: {
    code: "FAILED_PRECONDITION",
    message: (f: { promotionId: string; code: string; limitOf: "promotion" | "coupon" | "customer"; limit: number }) =>
      `The limit of ${f.limit} uses of the ${f.limitOf} is reached for promotion ${f.promotionId}, code ${f.code || "none"}.`,
    de: "Die Aktion {promotionId} (Code {code}) ist ausgeschöpft: höchstens {limit} Mal ({limitOf}).",
  },
  USES_CLOSED: {
    code: "FAILED_PRECONDITION",
    message: (f: { orderId: string }) => `Order ${f.orderId} gave its uses back.`,
    de: "Die Bestellung {orderId} hat ihre Einlösungen zurückgegeben.",
  },
  USES_DIFFER: {
    code: "ALREADY_EXISTS",
    message: (f: { orderId: string }) => `Order ${f.orderId} holds uses of other promotions.`,
    de: "Die Bestellung {orderId} hat andere Aktionen eingelöst.",
  },
});
