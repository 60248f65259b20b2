import { allocate } from "@kontor/money";

/** One in parts per million. */
export const WHOLE = 1_000_000n;

/**
 * Returns `amount * numerator / denominator`, rounded half to even: the one rounding of all prices and taxes. `amount` and
 * `numerator` are not negative, `denominator` is positive.
 */
export function proportion(amount: bigint, numerator: bigint, denominator: bigint): bigint {
  const product = amount * numerator;
  const floor = product / denominator;
  const twice = (product % denominator) * 2n;
  if (twice > denominator || (twice === denominator && floor % 2n === 1n)) return floor + 1n;
  return floor;
}

/** Returns the smaller of two amounts. */
export function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

/** Returns the sum of amounts. */
export function total(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return sum;
}

/**
 * Splits an amount in the given proportions without losing a unit: what is left over goes to the largest fractions, the first among
 * equals. No part is more than its weight if the amount is not more than all weights. All weights 0: all parts are 0.
 */
export function spread(amount: bigint, weights: readonly bigint[]): readonly bigint[] {
  return allocate({ currency: "", minor: amount }, weights).map(({ minor }) => minor);
}
