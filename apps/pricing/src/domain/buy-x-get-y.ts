import { byUnitValue, type Reduction, type Remainder, type Units } from "./goods.ts";
import { type Action, isSelected, type Promotion } from "./promotion.ts";
import { proportion, WHOLE } from "./rounding.ts";

type BuyXGetY = Extract<Action, { type: "buy-x-get-y" }>;

/**
 * Returns what "buy x, get y" takes off. A unit counts once, as bought or as got; the cheapest are got. As many are got as leave
 * enough to be bought, so the count depends on the units alone, not on how lines hold them. The last set may be incomplete.
 */
export function reduceGot(action: BuyXGetY, { selection }: Promotion, left: Remainder): Reduction {
  const lines = left.goods.map(() => 0n);
  for (const { index, quantity } of unitsGot(action, selection, left)) {
    const units = BigInt(left.goods[index]?.line.quantity ?? 1);
    lines[index] = proportion(left.lines[index] ?? 0n, BigInt(quantity) * BigInt(action.ppm), units * WHOLE);
  }
  return { lines, shipping: 0n, cut: false };
}

function unitsGot(action: BuyXGetY, selection: Promotion["selection"], left: Remainder): readonly Units[] {
  const { buy, get, maxTimes, getSelection = selection } = action;
  const roles = left.goods.map(({ keys, line: { quantity } }) => ({
    quantity,
    isBought: isSelected(selection, keys),
    isGot: isSelected(getSelection, keys),
  }));
  const count = (matches: (role: (typeof roles)[number]) => boolean) =>
    roles.filter(matches).reduce((sum, { quantity }) => sum + quantity, 0);
  const boughtOnly = count(({ isBought, isGot }) => isBought && !isGot);
  const gotOnly = count(({ isBought, isGot }) => isGot && !isBought);
  const both = count(({ isBought, isGot }) => isBought && isGot);
  const needed = (got: number) => Math.ceil(got / get) * buy;
  const leavesEnough = (got: number) => needed(got) <= boughtOnly + both - Math.max(0, got - gotOnly);

  const most = gotOnly + both;
  const got = largest(maxTimes > 0 ? Math.min(most, get * maxTimes) : most, leavesEnough);
  let open = got;
  let openOfBoth = boughtOnly + both - needed(got);
  return byUnitValue(left).flatMap((index) => {
    const { quantity = 0, isGot = false, isBought = false } = roles[index] ?? {};
    const taken = isGot ? Math.min(quantity, open, isBought ? openOfBoth : open) : 0;
    open -= taken;
    if (isBought) openOfBoth -= taken;
    return taken > 0 ? [{ index, quantity: taken }] : [];
  });
}

/** Returns the largest number up to `most` for which a condition holds that holds for all smaller ones. */
export function largest(most: number, holds: (value: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
