import type { Destination } from "./request.ts";

/** A country, or a part of one. Empty: all of it. */
export interface TaxArea {
  readonly country: string;
  readonly region: string;
  readonly postcodePrefix: string;
}

/** Where the same taxes apply. */
export interface TaxZone {
  readonly id: string;
  readonly name: string;
  readonly areas: readonly TaxArea[];
  readonly pricesIncludeTax: boolean;
  readonly home: boolean;
  readonly keepPrice: boolean;
  /** The prefix of VAT ids of its member state. Empty: none. */
  readonly vatPrefix: string;
  /** Empty: shipping is taxed as the goods are. */
  readonly shippingCategoryId: string;
  readonly inactive: boolean;
  readonly version: number;
}

/** Returns regions and postcodes in the form in which they are compared: compatibility form, capitals, without blanks and dashes. */
export function foldPlace(text: string): string {
  return text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}\p{Cf}]/gu, "");
}

/** Returns the name of an area by which no other is the same. */
export function areaKey({ country, region, postcodePrefix }: TaxArea): string {
  return `${country}/${foldPlace(region)}/${foldPlace(postcodePrefix)}`;
}

/**
 * Returns the zone with the narrowest area that contains a destination: the longest postcode prefix, then a region, then the country.
 * Undefined: it is in none.
 */
export function zoneAt(zones: Iterable<TaxZone>, destination: Destination): TaxZone | undefined {
  const region = foldPlace(destination.region);
  const postcode = foldPlace(destination.postcode);
  let found: TaxZone | undefined;
  let narrowest = -1;
  for (const zone of zones) {
    if (zone.inactive) continue;
    for (const area of zone.areas) {
      const areaRegion = foldPlace(area.region);
      const prefix = foldPlace(area.postcodePrefix);
      if (area.country !== destination.country || !postcode.startsWith(prefix)) continue;
      if (areaRegion !== "" && areaRegion !== region) continue;
      const narrowness = 2 * prefix.length + Number(areaRegion !== "");
      if (narrowness <= narrowest) continue;
      narrowest = narrowness;
      found = zone;
    }
  }
  return found;
}
