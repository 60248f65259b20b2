import type { Money } from "./money.ts";

/**
 * Splits an amount in the given proportions without losing or inventing a minor unit. The rest of the division goes, one unit each, to the
 * largest remainders, the first among equals (Hamilton's method).
 *
 * ```ts
 * allocate(money("EUR", 100n), [1, 1, 1]); // 34, 33 and 33 cents
 * ```
 *
 * A part of weight 0 is 0. Without a weight above 0 there is nothing to distribute by: all parts are 0, and so is their sum.
 *
 * @throws RangeError unless the weights are whole and not negative.
 */
export function allocate({ currency, minor }: Money, weights: readonly (bigint | number)[]): readonly Money[] {
  const shares = weights.map(BigInt);
  const whole = shares.reduce((total, share) => total + share, 0n);
  if (shares.some((share) => share < 0n)) throw new RangeError(`Weights must not be negative: ${shares.join(", ")}.`);
  if (whole === 0n) return shares.map(() => ({ currency, minor: 0n }));
  const sign = minor < 0n ? -1n : 1n;
  const size = sign * minor;
  const parts = shares.map((share, index) => ({ index, floor: (size * share) / whole, rest: (size * share) % whole }));
  const left = Number(size - parts.reduce((total, { floor }) => total + floor, 0n));
  const favoured = new Set(
    parts
      .toSorted((a, b) => Number(b.rest > a.rest) - Number(b.rest < a.rest) || a.index - b.index)
      .slice(0, left)
      .map(({ index }) => index),
  );
  return parts.map(({ index, floor }) => ({ currency, minor: sign * (floor + (favoured.has(index) ? 1n : 0n)) }));
}
