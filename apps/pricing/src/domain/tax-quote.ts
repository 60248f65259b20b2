import type { Destination, Line } from "./request.ts";
import { proportion, WHOLE } from "./rounding.ts";
import { type AppliedRate, categoryFinder, rateFinder, type TaxCategory, type TaxRate, UNTAXED } from "./tax-rate.ts";
import { type TaxZone, zoneAt } from "./tax-zone.ts";
import { allowsReverseCharge } from "./vat-id.ts";

/** The rules of tax. */
export interface TaxBook {
  readonly zones: ReadonlyMap<string, TaxZone>;
  readonly categories: ReadonlyMap<string, TaxCategory>;
  readonly rates: ReadonlyMap<string, TaxRate>;
}

/** How an order is taxed. */
export interface TaxTreatment {
  readonly zoneId?: string;
  /** Whether shown prices are with tax. */
  readonly pricesIncludeTax: boolean;
  readonly reverseCharge: boolean;
  readonly export: boolean;
  readonly estimated: boolean;
}

/** What a provider of taxes says about one order. */
export interface TaxQuote {
  /** Absent: the shop has no taxes. */
  readonly treatment?: TaxTreatment;
  /** The tax category of shipping. Absent: it is taxed as the goods are. */
  readonly shippingCategory?: string;
  categoryOf(line: Line): string;
  rateOf(category: string): AppliedRate;
  /** Returns what customers at the destination see for a price that staff entered, of one unit of a category. */
  shownPrice(entered: bigint, category: string): bigint;
}

/** Who is taxed and where. */
export interface TaxedParty {
  /** Absent: not known. */
  readonly destination?: Destination;
  /** A VAT id that a recent check found valid. */
  readonly verifiedVatId?: string;
}

/**
 * Returns how an order is taxed. For a price that is entered with tax, the rate of the home zone is replaced by that of the destination, in
 * one rounding. Zones that keep prices are an exception. Exports and reverse charge have the price without tax.
 *
 * @throws KontorError TAX_RATE_MISSING, also from the functions of the quote
 */
export function quoteTax(book: TaxBook, { destination, verifiedVatId = "" }: TaxedParty, at: Date): TaxQuote {
  const categoryOf = categoryFinder(book.categories.values());
  const zones = [...book.zones.values()].filter(({ inactive }) => !inactive);
  if (zones.length === 0) return { categoryOf, rateOf: () => UNTAXED, shownPrice: (entered) => entered };

  const home = zones.find((zone) => zone.home);
  const zone = destination === undefined ? home : zoneAt(zones, destination);
  const reverseCharge =
    home !== undefined && zone !== undefined && allowsReverseCharge(verifiedVatId, home.vatPrefix, zone.vatPrefix);
  const isTaxed = zone !== undefined && !reverseCharge;
  const rateOf = isTaxed ? rateFinder(book.rates.values(), zone.id, at) : () => UNTAXED;
  const homeRateOf = home ? rateFinder(book.rates.values(), home.id, at) : () => UNTAXED;
  const enteredWithTax = home?.pricesIncludeTax ?? false;
  const pricesIncludeTax = isTaxed && zone.pricesIncludeTax;
  const keepsPrice = isTaxed && (zone === home || (zone.keepPrice && pricesIncludeTax && enteredWithTax));
  const shippingCategory = zone?.shippingCategoryId ?? "";

  return {
    treatment: {
      ...(zone && { zoneId: zone.id }),
      pricesIncludeTax,
      reverseCharge,
      export: zone === undefined && destination !== undefined,
      estimated: destination === undefined,
    },
    ...(shippingCategory !== "" && { shippingCategory }),
    categoryOf,
    rateOf,
    shownPrice(entered, category) {
      if (keepsPrice) return entered;
      const put = pricesIncludeTax ? BigInt(rateOf(category).ppm) : 0n;
      const taken = enteredWithTax ? BigInt(homeRateOf(category).ppm) : 0n;
      return proportion(entered, WHOLE + put, WHOLE + taken);
    },
  };
}

/** An amount without tax, and its tax. */
export interface Taxed {
  readonly net: bigint;
  readonly tax: bigint;
}

/** Returns net and tax of an amount that is paid, in one rounding; both add up to what is paid. */
export function taxOn(amount: bigint, { ppm }: AppliedRate, isIncluded: boolean): Taxed {
  if (!isIncluded) return { net: amount, tax: proportion(amount, BigInt(ppm), WHOLE) };
  const net = proportion(amount, WHOLE, WHOLE + BigInt(ppm));
  return { net, tax: amount - net };
}
