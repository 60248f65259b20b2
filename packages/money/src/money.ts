import { isCurrency } from "./currency.ts";
import { moneyErrors } from "./errors.ts";

/** An amount in the minor unit of its currency: `{ currency: "EUR", minor: 1999n }` is € 19.99. May be negative. */
export interface Money {
  /** ISO 4217 code in upper case. */
  readonly currency: string;
  readonly minor: bigint;
}

/**
 * Makes an amount from minor units.
 *
 * @throws KontorError UNKNOWN_CURRENCY; RangeError if a number is not whole.
 */
export function money(currency: string, minor: bigint | number): Money {
  if (!isCurrency(currency)) throw moneyErrors.UNKNOWN_CURRENCY({ currency });
  return { currency, minor: BigInt(minor) };
}

/** Nothing, in a currency. */
export function zero(currency: string): Money {
  return money(currency, 0n);
}
