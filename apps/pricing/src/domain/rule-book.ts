import type { ListPrice, PriceBook, PriceList } from "./price-list.ts";
import { indexPromotions, type Promotion, type PromotionBook } from "./promotion.ts";
import type { TaxBook } from "./tax-quote.ts";
import type { TaxCategory, TaxRate } from "./tax-rate.ts";
import type { TaxZone } from "./tax-zone.ts";

/** The rules of each kind. */
export interface RuleOf {
  readonly "price-list": PriceList;
  readonly promotion: Promotion;
  readonly "tax-zone": TaxZone;
  readonly "tax-category": TaxCategory;
  readonly "tax-rate": TaxRate;
}

/** A kind of rules. */
export type RuleKind = keyof RuleOf;

/** All rules by kind and id. */
export type RulesByKind = { readonly [K in RuleKind]: ReadonlyMap<string, RuleOf[K]> };

/** All rules, as prices are found by them. */
export interface RuleBook {
  readonly rules: RulesByKind;
  readonly prices: PriceBook;
  readonly promotions: PromotionBook;
  readonly taxes: TaxBook;
}

/** Returns the rules and prices as prices are found by them. */
export function ruleBook(rules: RulesByKind, prices: ReadonlyMap<string, readonly ListPrice[]>): RuleBook {
  return {
    rules,
    prices: { lists: rules["price-list"], prices },
    promotions: indexPromotions(rules.promotion.values()),
    taxes: { zones: rules["tax-zone"], categories: rules["tax-category"], rates: rules["tax-rate"] },
  };
}

/** Returns the rules of a shop that has none. */
export function noRules(): { readonly [K in RuleKind]: Map<string, RuleOf[K]> } {
  const rules = { "price-list": new Map(), promotion: new Map(), "tax-zone": new Map() };
  return { ...rules, "tax-category": new Map(), "tax-rate": new Map() };
}
