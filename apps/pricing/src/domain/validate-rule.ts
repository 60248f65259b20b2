import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { pricingErrors } from "./errors.ts";
import type { RuleBook, RuleKind, RuleOf } from "./rule-book.ts";
import { STANDARD, type TaxRate } from "./tax-rate.ts";
import { areaKey, type TaxZone } from "./tax-zone.ts";
import { overlap, type Window } from "./window.ts";

type Validate<R> = (rule: R, book: RuleBook) => void;

const validators: { readonly [K in RuleKind]: Validate<RuleOf[K]> } = {
  "price-list": (list) => requireOrder(list, "priceList"),
  promotion: (promotion) => requireOrder(promotion, "promotion"),
  "tax-zone": validateZone,
  "tax-category": () => undefined,
  "tax-rate": validateRate,
};

/** Throws if a rule may not stand next to the others. The contract has validated its fields. */
export function validateRule<K extends RuleKind>(kind: K, rule: RuleOf[K], book: RuleBook): void {
  validators[kind](rule, book);
}

function requireOrder({ validFrom, validUntil }: Window, resource: string): void {
  if (validFrom === undefined || validUntil === undefined || validUntil > validFrom) return;
  refuse(violation(`${resource}.validUntil`, "NOT_AFTER", { field: "validFrom" }));
}

function validateZone(zone: TaxZone, book: RuleBook): void {
  if (zone.keepPrice && !zone.pricesIncludeTax) refuse(violation("taxZone.pricesIncludeTax", "REQUIRED"));
  const own = new Set<string>();
  for (const [index, area] of zone.areas.entries()) {
    if (own.has(areaKey(area))) refuse(violation(`taxZone.areas[${index}]`, "DUPLICATE"));
    own.add(areaKey(area));
  }
  if (zone.inactive) return;
  for (const other of book.rules["tax-zone"].values()) {
    if (other.id === zone.id || other.inactive) continue;
    if (zone.home && other.home) throw pricingErrors.HOME_ZONE_EXISTS({ zoneId: other.id });
    const shared = other.areas.find((area) => own.has(areaKey(area)));
    if (shared) throw pricingErrors.AREA_TAKEN({ area: areaKey(shared), zoneId: other.id });
  }
}

function validateRate(rate: TaxRate, book: RuleBook): void {
  requireOrder(rate, "taxRate");
  const { zoneId, categoryId } = rate;
  if (!book.rules["tax-zone"].has(zoneId)) throw pricingErrors.RULE_NOT_FOUND({ kind: "tax-zone", id: zoneId });
  if (categoryId !== STANDARD && !book.rules["tax-category"].has(categoryId))
    throw pricingErrors.RULE_NOT_FOUND({ kind: "tax-category", id: categoryId });
  if (rate.inactive) return;
  for (const other of book.rules["tax-rate"].values()) {
    const isSame = other.zoneId === zoneId && other.categoryId === categoryId;
    if (other.id !== rate.id && isSame && !other.inactive && overlap(other, rate))
      throw pricingErrors.TAX_RATE_OVERLAPS({ rateId: other.id });
  }
}

function refuse(found: FieldViolation): never {
  throw invalid([found], "pricing.shop");
}
