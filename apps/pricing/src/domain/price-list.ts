import { type Audience, isFor, type PriceRequest } from "./request.ts";
import { phaseOf, type Window } from "./window.ts";

/** Prices for some customers, channels or times. */
export interface PriceList extends Audience, Window {
  readonly id: string;
  readonly name: string;
  readonly inactive: boolean;
  readonly version: number;
}

/** What one unit of a variant costs in a price list. */
export interface ListPrice {
  readonly priceListId: string;
  readonly sku: string;
  readonly currency: string;
  readonly minQuantity: number;
  readonly minor: bigint;
}

/** The price of a unit, and the reason: a list and its tier, or the base price. */
export interface UnitPrice {
  readonly minor: bigint;
  readonly list?: { readonly id: string; readonly name: string; readonly minQuantity: number };
}

/** The lists and prices that a price is looked up in. */
export interface PriceBook {
  readonly lists: ReadonlyMap<string, PriceList>;
  /** The prices of a SKU. */
  readonly prices: ReadonlyMap<string, readonly ListPrice[]>;
}

/**
 * Returns the function that finds the price of a unit: the lowest of the base price and of all lists that apply. Of equal prices the base
 * price wins, then the list with the first id. Tiers count all units of the SKU in the request. Undefined: there is no price.
 */
export function pricesFor(
  book: PriceBook,
  request: PriceRequest,
  at: Date,
): (sku: string, base: bigint | undefined) => UnitPrice | undefined {
  const applies = (list: PriceList) => !list.inactive && phaseOf(list, at) === "open" && isFor(list, request);
  const applicable = new Map([...book.lists].filter(([, list]) => applies(list)));
  const units = new Map<string, number>();
  for (const { sku, quantity } of request.lines) units.set(sku, (units.get(sku) ?? 0) + quantity);

  return (sku, base) => {
    const quantity = units.get(sku) ?? 0;
    let lowest: UnitPrice | undefined = base === undefined ? undefined : { minor: base };
    for (const { priceListId, currency, minQuantity, minor } of book.prices.get(sku) ?? []) {
      const list = applicable.get(priceListId);
      if (list === undefined || currency !== request.currency || quantity < minQuantity) continue;
      if (lowest !== undefined && minor > lowest.minor) continue;
      if (lowest?.minor === minor && (lowest.list === undefined || lowest.list.id <= list.id)) continue;
      lowest = { minor, list: { id: list.id, name: list.name, minQuantity } };
    }
    return lowest;
  };
}
