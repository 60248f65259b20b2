import { pricingErrors } from "./errors.ts";
import type { Line } from "./request.ts";
import { phaseOf, type Window } from "./window.ts";

/** The category of goods without another one. */
export const STANDARD = "standard";

/** A kind of goods with a rate of its own. */
export interface TaxCategory {
  readonly id: string;
  readonly name: string;
  readonly productIds: readonly string[];
  readonly categoryIds: readonly string[];
  readonly version: number;
}

/** What a zone charges on a category, for a time. */
export interface TaxRate extends Window {
  readonly id: string;
  readonly zoneId: string;
  readonly categoryId: string;
  readonly name: string;
  /** In parts per million. */
  readonly ppm: number;
  readonly inactive: boolean;
  readonly version: number;
}

/** A rate as it applies to goods: without id where nothing is charged. */
export interface AppliedRate {
  readonly id?: string;
  readonly name?: string;
  readonly ppm: number;
}

/** No tax. */
export const UNTAXED: AppliedRate = { ppm: 0 };

/** Returns the function that finds the tax category of a line: its own, that of its product, that of its categories, or `standard`. */
export function categoryFinder(categories: Iterable<TaxCategory>): (line: Line) => string {
  const byProduct = new Map<string, string>();
  const byCategory = new Map<string, string>();
  for (const { id, productIds, categoryIds } of categories) {
    for (const productId of productIds) byProduct.set(productId, id);
    for (const categoryId of categoryIds) byCategory.set(categoryId, id);
  }
  return ({ taxCategoryId, productId, categoryIds }) => {
    const known = taxCategoryId ?? byProduct.get(productId);
    if (known !== undefined) return known;
    const category = categoryIds.find((id) => byCategory.has(id));
    return (category !== undefined && byCategory.get(category)) || STANDARD;
  };
}

/**
 * Returns the function that finds the rate of a category in a zone: its own, or that of `standard`. A zone without any rate is free of tax.
 *
 * @throws KontorError TAX_RATE_MISSING if the zone has rates, but none that applies
 */
export function rateFinder(rates: Iterable<TaxRate>, zoneId: string, at: Date): (categoryId: string) => AppliedRate {
  const ofZone = [...rates].filter((rate) => rate.zoneId === zoneId && !rate.inactive);
  const now = new Map(ofZone.filter((rate) => phaseOf(rate, at) === "open").map((rate) => [rate.categoryId, rate]));
  return (categoryId) => {
    const rate = now.get(categoryId) ?? now.get(STANDARD);
    if (rate !== undefined) return { id: rate.id, name: rate.name, ppm: rate.ppm };
    if (ofZone.length === 0) return UNTAXED;
    throw pricingErrors.TAX_RATE_MISSING({ zoneId, categoryId });
  };
}
