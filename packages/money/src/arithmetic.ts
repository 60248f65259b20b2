import { moneyErrors } from "./errors.ts";
import { type Money, zero } from "./money.ts";

/** @throws KontorError CURRENCY_MISMATCH */
export function add(left: Money, right: Money): Money {
  return { currency: common(left, right), minor: left.minor + right.minor };
}

/** @throws KontorError CURRENCY_MISMATCH */
export function subtract(left: Money, right: Money): Money {
  return { currency: common(left, right), minor: left.minor - right.minor };
}

/** Multiplies by a whole number; a RangeError if it is not whole. */
export function multiply({ currency, minor }: Money, times: bigint | number): Money {
  return { currency, minor: minor * BigInt(times) };
}

/** The amount with the opposite sign. */
export function negate({ currency, minor }: Money): Money {
  return { currency, minor: -minor };
}

/**
 * The total of amounts that share a currency; zero of `currency` if there are none.
 *
 * @throws KontorError CURRENCY_MISMATCH
 */
export function sum(amounts: Iterable<Money>, currency: string): Money {
  let total = zero(currency);
  for (const amount of amounts) total = add(total, amount);
  return total;
}

/**
 * Negative if `left` is less, positive if it is more, 0 if equal; fit for `sort`.
 *
 * @throws KontorError CURRENCY_MISMATCH
 */
export function compare(left: Money, right: Money): -1 | 0 | 1 {
  common(left, right);
  if (left.minor === right.minor) return 0;
  return left.minor < right.minor ? -1 : 1;
}

/** Whether currency and amount are the same. Never throws. */
export function equals(left: Money, right: Money): boolean {
  return left.currency === right.currency && left.minor === right.minor;
}

/** Whether the amount is 0. */
export function isZero({ minor }: Money): boolean {
  return minor === 0n;
}

/** Whether the amount is below 0. */
export function isNegative({ minor }: Money): boolean {
  return minor < 0n;
}

function common(left: Money, right: Money): string {
  if (left.currency === right.currency) return left.currency;
  throw moneyErrors.CURRENCY_MISMATCH({ left: left.currency, right: right.currency });
}
