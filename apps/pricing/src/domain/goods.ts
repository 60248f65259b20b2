import type { UnitPrice } from "./price-list.ts";
import { keysOf } from "./promotion.ts";
import type { Line } from "./request.ts";

/** A line with the price of its units, before discounts. */
export interface Goods {
  readonly line: Line;
  /** The keys by which selections can name it. */
  readonly keys: readonly string[];
  readonly unit: UnitPrice;
  /** The base price of a unit. Absent: there is none. */
  readonly base?: bigint;
  readonly subtotal: bigint;
}

/** Returns the goods of a line at a price. */
export function goodsOf(line: Line, unit: UnitPrice, base: bigint | undefined): Goods {
  const subtotal = unit.minor * BigInt(line.quantity);
  return { line, keys: keysOf(line), unit, subtotal, ...(base !== undefined && { base }) };
}

/** What earlier promotions left of each line and of shipping. */
export interface Remainder {
  readonly goods: readonly Goods[];
  readonly lines: readonly bigint[];
  readonly shipping: bigint;
}

/** What a promotion takes off each line and off shipping, and whether it would have taken more. */
export interface Reduction {
  readonly lines: readonly bigint[];
  readonly shipping: bigint;
  readonly cut: boolean;
}

/** Some units of a line. */
export interface Units {
  /** Which of the goods. */
  readonly index: number;
  readonly quantity: number;
}

/** Returns the goods by the price that is left of a unit, the cheapest first; of equal ones by SKU. */
export function byUnitValue({ goods, lines }: Remainder): readonly number[] {
  const left = (index: number) => lines[index] ?? 0n;
  const quantity = (index: number) => BigInt(goods[index]?.line.quantity ?? 1);
  const sku = (index: number) => goods[index]?.line.sku ?? "";
  return goods
    .map((_, index) => index)
    .sort((a, b) => {
      const difference = left(a) * quantity(b) - left(b) * quantity(a);
      if (difference !== 0n) return difference < 0n ? -1 : 1;
      return sku(a) < sku(b) ? -1 : Number(sku(a) > sku(b));
    });
}
