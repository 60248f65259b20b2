import { isCurrency } from "./currency.ts";
import { moneyErrors } from "./errors.ts";

/** An amount in the minor unit of its currency: `{ currency: "EUR", minor: 1999n }` is € 19.99. May be negative. */
export interface Money {
  /** ISO 4217 code in upper case. */
  readonly currency: string;
  /** In the minor unit, such as cents. Whole, of any size, negative for a debt. */
  readonly minor: bigint;
}

/**
 * Makes an amount from minor units.
 *
 * ```ts
 * const price = money("EUR", 1999n); // € 19.99
 * ```
 *
 * @throws KontorError UNKNOWN_CURRENCY; RangeError if a number is not whole.
 */
export function money(currency: string, minor: bigint | number): Money {
  if (!isCurrency(currency)) throw moneyErrors.UNKNOWN_CURRENCY({ currency });
  return { currency, minor: BigInt(minor) };
}

/**
 * Returns an amount of 0 in a currency.
 *
 * @throws KontorError UNKNOWN_CURRENCY
 */
export function zero(currency: string): Money {
  return money(currency, 0n);
}
