import { reduceBundle } from "./bundle.ts";
import { reduceGot } from "./buy-x-get-y.ts";
import type { Reduction, Remainder } from "./goods.ts";
import { type DiscountTarget, isSelected, type Promotion } from "./promotion.ts";
import { least, proportion, spread, total, WHOLE } from "./rounding.ts";

/** Returns what a promotion takes off what earlier ones left. It takes nothing below 0. */
export function reductionOf(promotion: Promotion, left: Remainder, currency: string): Reduction {
  const { action } = promotion;
  switch (action.type) {
    case "percent":
      return percentOff(BigInt(action.ppm), action.target, promotion, left);
    case "amount":
      return amountOff(action.amounts.get(currency) ?? 0n, action.target, promotion, left);
    case "buy-x-get-y":
      return reduceGot(action, promotion, left);
    case "bundle":
      return reduceBundle(action, action.prices.get(currency) ?? 0n, left);
  }
}

function percentOff(ppm: bigint, target: DiscountTarget, { selection }: Promotion, left: Remainder): Reduction {
  const nothing = left.lines.map(() => 0n);
  const share = (amount: bigint) => proportion(amount, ppm, WHOLE);
  switch (target) {
    case "order":
      return { lines: spread(share(total(left.lines)), left.lines), shipping: 0n, cut: false };
    case "lines":
      return { lines: ofSelected(selection, left, share), shipping: 0n, cut: false };
    case "shipping":
      return { lines: nothing, shipping: share(left.shipping), cut: false };
  }
}

function amountOff(amount: bigint, target: DiscountTarget, { selection }: Promotion, left: Remainder): Reduction {
  const nothing = left.lines.map(() => 0n);
  switch (target) {
    case "order": {
      const off = least(amount, total(left.lines));
      return { lines: spread(off, left.lines), shipping: 0n, cut: off < amount };
    }
    case "lines": {
      let cut = false;
      const lines = ofSelected(selection, left, (remaining, quantity) => {
        const wanted = amount * BigInt(quantity);
        cut ||= wanted > remaining;
        return least(wanted, remaining);
      });
      return { lines, shipping: 0n, cut };
    }
    case "shipping": {
      const off = least(amount, left.shipping);
      return { lines: nothing, shipping: off, cut: off < amount };
    }
  }
}

function ofSelected(
  selection: Promotion["selection"],
  { goods, lines }: Remainder,
  off: (remaining: bigint, quantity: number) => bigint,
): readonly bigint[] {
  return goods.map(({ keys, line }, index) =>
    isSelected(selection, keys) ? off(lines[index] ?? 0n, line.quantity) : 0n,
  );
}
