import { type Money, money } from "@kontor/money";
import { shippingErrors } from "./errors.ts";

/** A way to ship. */
type Method = "standard" | "express";

export type Rate = {
  readonly method: Method;
  readonly title: string;
  readonly price: Money;
  readonly minDays: number;
  readonly maxDays: number;
};

type Zone = "home" | "union" | "abroad";
type Tariff = { readonly upToGrams: number; readonly standard: number; readonly express: number };

const LIMIT_GRAMS = 31_500;
const CURRENCY = "EUR";
const union = new Set("AT BE BG CY CZ DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" "));
const abroad = new Set("CH GB NO IS LI US CA AU NZ JP".split(" "));

/** Minor units of EUR, by zone and weight; the last row carries up to the limit of a parcel. */
const tariffs: Readonly<Record<Zone, readonly Tariff[]>> = {
  home: [
    { upToGrams: 2_000, standard: 490, express: 1290 },
    { upToGrams: 10_000, standard: 790, express: 1690 },
    { upToGrams: LIMIT_GRAMS, standard: 1490, express: 2490 },
  ],
  union: [
    { upToGrams: 2_000, standard: 990, express: 2490 },
    { upToGrams: 10_000, standard: 1690, express: 3990 },
    { upToGrams: LIMIT_GRAMS, standard: 2990, express: 5990 },
  ],
  abroad: [
    { upToGrams: 2_000, standard: 1990, express: 4990 },
    { upToGrams: 10_000, standard: 3990, express: 8990 },
    { upToGrams: LIMIT_GRAMS, standard: 6990, express: 12990 },
  ],
};

const days: Readonly<Record<Zone, Readonly<Record<Method, readonly [number, number]>>>> = {
  home: { standard: [2, 3], express: [1, 1] },
  union: { standard: [3, 6], express: [2, 3] },
  abroad: { standard: [7, 14], express: [3, 5] },
};

const titles: Readonly<Record<Method, string>> = { standard: "Standard delivery", express: "Express delivery" };

/** Returns the prices of the methods for a parcel, the cheapest first. Throws COUNTRY_NOT_SERVED or PARCEL_TOO_HEAVY. */
export function ratesFor(country: string, weightGrams: number): readonly Rate[] {
  const zone = zoneOf(country);
  const tariff = tariffs[zone].find(({ upToGrams }) => weightGrams <= upToGrams);
  if (tariff === undefined) throw shippingErrors.PARCEL_TOO_HEAVY({ weightGrams, limitGrams: LIMIT_GRAMS });
  return (["standard", "express"] as const).map((method) => {
    const [minDays, maxDays] = days[zone][method];
    return { method, title: titles[method], price: money(CURRENCY, tariff[method]), minDays, maxDays };
  });
}

/** The rate of one method. Throws METHOD_NOT_FOUND or CURRENCY_NOT_SERVED too. */
export function rateFor(method: string, country: string, weightGrams: number, currency: string): Rate {
  const rate = ratesFor(country, weightGrams).find((candidate) => candidate.method === method);
  if (rate === undefined) throw shippingErrors.METHOD_NOT_FOUND({ method });
  if (currency !== rate.price.currency) throw shippingErrors.CURRENCY_NOT_SERVED({ currency });
  return rate;
}

function zoneOf(country: string): Zone {
  if (country === "DE") return "home";
  if (union.has(country)) return "union";
  if (abroad.has(country)) return "abroad";
  throw shippingErrors.COUNTRY_NOT_SERVED({ country });
}
