import { largest } from "./buy-x-get-y.ts";
import { byUnitValue, type Reduction, type Remainder, type Units } from "./goods.ts";
import { type Action, isSelected } from "./promotion.ts";
import { proportion, spread, total } from "./rounding.ts";

type Bundle = Extract<Action, { type: "bundle" }>;

/**
 * Returns what a bundle at a fixed price takes off: the price of its units less the price of the bundles, shared by what the units cost.
 * A unit is in one bundle at most; the dearest units are taken, and items that fewer goods fit take theirs first.
 */
export function reduceBundle(bundle: Bundle, price: bigint, left: Remainder): Reduction {
  const matching = bundle.items.map(({ selection, quantity }) => {
    const fits = left.goods.map(({ keys }) => isSelected(selection, keys));
    const units = left.goods.reduce((sum, { line }, index) => sum + (fits[index] === true ? line.quantity : 0), 0);
    return { fits, quantity, units };
  });
  matching.sort((a, b) => a.units - b.units);
  const dearestFirst = byUnitValue(left).toReversed();
  const most = Math.min(...matching.map(({ units, quantity }) => Math.floor(units / quantity)));
  const allowed = bundle.maxTimes > 0 ? Math.min(most, bundle.maxTimes) : most;
  const times = largest(allowed, (value) => assign(value) !== undefined);

  const taken = assign(times) ?? [];
  const values = left.goods.map(() => 0n);
  for (const { index, quantity } of taken)
    values[index] = proportion(
      left.lines[index] ?? 0n,
      BigInt(quantity),
      BigInt(left.goods[index]?.line.quantity ?? 1),
    );
  const saved = total(values) - price * BigInt(times);
  const lines = saved > 0n ? spread(saved, values) : values.map(() => 0n);
  return { lines, shipping: 0n, cut: false };

  /** Returns the units of so many bundles, or undefined if there are too few. */
  function assign(bundles: number): readonly Units[] | undefined {
    const free = left.goods.map(({ line }) => line.quantity);
    for (const { fits, quantity } of matching) {
      let open = quantity * bundles;
      for (const index of dearestFirst) {
        const units = fits[index] === true ? Math.min(open, free[index] ?? 0) : 0;
        free[index] = (free[index] ?? 0) - units;
        open -= units;
      }
      if (open > 0) return undefined;
    }
    return left.goods.map(({ line }, index) => ({ index, quantity: line.quantity - (free[index] ?? 0) }));
  }
}
