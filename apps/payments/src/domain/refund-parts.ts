/** Units that a refund puts back into stock. */
export interface RestockedItem {
  readonly sku: string;
  readonly quantity: number;
}

/** A requested refund. */
export interface RequestedRefund {
  readonly key: string;
  readonly amount: bigint;
  readonly actor: string;
  readonly reason: string;
  readonly restock: readonly RestockedItem[];
}

/** One part of a refunded amount, with its origin. */
export type RefundPart = Omit<RequestedRefund, "key"> & { readonly key?: string };

/** The provider refunded without a request of ours, for instance by its own console. */
const PROVIDER = "provider";

/**
 * Attributes an amount that the provider refunded to the refunds in progress, the oldest first. One of exactly this amount is preferred.
 * The rest was begun at the provider.
 */
export function refundParts(amount: bigint, requested: readonly RequestedRefund[]): readonly RefundPart[] {
  const exact = requested.find((refund) => refund.amount === amount);
  if (exact) return [exact];
  let left = amount;
  const parts: RefundPart[] = [];
  for (const refund of requested) {
    if (refund.amount > left) continue;
    parts.push(refund);
    left -= refund.amount;
  }
  return left > 0n ? [...parts, { amount: left, actor: PROVIDER, reason: "", restock: [] }] : parts;
}
