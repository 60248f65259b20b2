import { moneyErrors } from "./errors.ts";
import { type Money, zero } from "./money.ts";

/**
 * Returns the sum of two amounts.
 *
 * ```ts
 * add(money("EUR", 1999n), money("EUR", 1n)); // { currency: "EUR", minor: 2000n }
 * ```
 *
 * @throws KontorError CURRENCY_MISMATCH
 */
export function add(left: Money, right: Money): Money {
  return { currency: common(left, right), minor: left.minor + right.minor };
}

/**
 * Returns the difference, which may be negative.
 *
 * @throws KontorError CURRENCY_MISMATCH
 */
export function subtract(left: Money, right: Money): Money {
  return { currency: common(left, right), minor: left.minor - right.minor };
}

/**
 * Returns a multiple of an amount, such as the price of several units.
 *
 * ```ts
 * multiply(money("EUR", 1999n), 3); // { currency: "EUR", minor: 5997n }
 * ```
 *
 * @throws RangeError if `times` is a number that is not whole.
 */
export function multiply({ currency, minor }: Money, times: bigint | number): Money {
  return { currency, minor: minor * BigInt(times) };
}

/** Returns the amount with the opposite sign. */
export function negate({ currency, minor }: Money): Money {
  return { currency, minor: -minor };
}

/**
 * Returns the total of amounts that share a currency; zero of `currency` if there are none.
 *
 * ```ts
 * sum([money("JPY", 100), money("JPY", 250)], "JPY"); // { currency: "JPY", minor: 350n }
 * ```
 *
 * @throws KontorError CURRENCY_MISMATCH, UNKNOWN_CURRENCY
 */
export function sum(amounts: Iterable<Money>, currency: string): Money {
  let total = zero(currency);
  for (const amount of amounts) total = add(total, amount);
  return total;
}

/**
 * Returns a negative number if `left` is less, a positive one if it is more, 0 if both are equal; fit for `sort`.
 *
 * ```ts
 * [money("EUR", 2n), money("EUR", 1n)].sort(compare);
 * ```
 *
 * @throws KontorError CURRENCY_MISMATCH
 */
export function compare(left: Money, right: Money): -1 | 0 | 1 {
  common(left, right);
  if (left.minor === right.minor) return 0;
  return left.minor < right.minor ? -1 : 1;
}

/** Returns whether currency and amount are the same. Never throws. */
export function equals(left: Money, right: Money): boolean {
  return left.currency === right.currency && left.minor === right.minor;
}

/** Returns whether the amount is 0. */
export function isZero({ minor }: Money): boolean {
  return minor === 0n;
}

/** Returns whether the amount is below 0. */
export function isNegative({ minor }: Money): boolean {
  return minor < 0n;
}

function common(left: Money, right: Money): string {
  if (left.currency === right.currency) return left.currency;
  throw moneyErrors.CURRENCY_MISMATCH({ left: left.currency, right: right.currency });
}
