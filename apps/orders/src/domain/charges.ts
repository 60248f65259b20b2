import type { Money } from "@kontor/money";

/** Tax of one rate, in minor units. `rate` is in percent, as a decimal. */
export type Tax = { readonly name: string; readonly rate: string; readonly net: bigint; readonly amount: bigint };

/** What a promotion takes off, in minor units. `code` is the coupon that it was applied by, or empty. */
export type Discount = {
  readonly promotionId: string;
  readonly title: string;
  readonly code: string;
  readonly amount: bigint;
};

/** Discount and tax of a line or of shipping, in minor units. `reason` names the price list of a price that is not the base price. */
export type PartCharges = {
  readonly discount: bigint;
  readonly net: bigint;
  readonly taxes: readonly Tax[];
  readonly gross: bigint;
  readonly reason: string;
};

/** A use of a promotion or coupon that an order holds while it is fulfilled. `code` is empty for a promotion without a coupon. */
export type Use = { readonly promotionId: string; readonly code: string };

/** Discounts and taxes of an order. Those of its lines, which are in their order, and of shipping add up to the totals. */
export type Charges = {
  readonly taxIncluded: boolean;
  readonly discounts: readonly Discount[];
  readonly taxes: readonly Tax[];
  readonly lines: readonly PartCharges[];
  readonly shipping: PartCharges;
  readonly uses: readonly Use[];
};

/** Returns what is charged: lines and shipping with tax. */
export function chargedTotal(currency: string, { lines, shipping }: Pick<Charges, "lines" | "shipping">): Money {
  const minor = lines.reduce((sum, { gross }) => sum + gross, shipping.gross);
  return { currency, minor };
}

/** Returns what promotions take off in all. */
export function discountTotal({ lines, shipping }: Charges): bigint {
  return lines.reduce((sum, { discount }) => sum + discount, shipping.discount);
}

/** Returns the tax in all. */
export function taxTotal({ taxes }: Pick<Charges, "taxes">): bigint {
  return taxes.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Returns charges without discounts and tax: what prices without rules come to. */
export function plainCharges(lineTotals: readonly bigint[], shipping: bigint): Charges {
  const part = (amount: bigint): PartCharges => ({ discount: 0n, net: amount, taxes: [], gross: amount, reason: "" });
  const none = { discounts: [], taxes: [], uses: [] };
  return { taxIncluded: true, ...none, lines: lineTotals.map(part), shipping: part(shipping) };
}
