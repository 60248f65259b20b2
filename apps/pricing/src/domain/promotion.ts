import type { Audience, Line } from "./request.ts";
import type { Window } from "./window.ts";

/** A choice of goods: those that any of the lists names. All empty: all goods. */
export interface Selection {
  readonly productIds: readonly string[];
  readonly categoryIds: readonly string[];
  readonly skus: readonly string[];
}

/** What a discount is taken from. */
export type DiscountTarget = "order" | "lines" | "shipping";

/** Amounts by currency, in minor units. */
export type Amounts = ReadonlyMap<string, bigint>;

/** What a promotion takes off. Shares are in parts per million. */
export type Action =
  | { readonly type: "percent"; readonly ppm: number; readonly target: DiscountTarget }
  | { readonly type: "amount"; readonly amounts: Amounts; readonly target: DiscountTarget }
  | {
      readonly type: "buy-x-get-y";
      readonly buy: number;
      readonly get: number;
      readonly ppm: number;
      /** 0: as often as the goods allow. */
      readonly maxTimes: number;
      /** Absent: the goods that the promotion selects. */
      readonly getSelection?: Selection;
    }
  | {
      readonly type: "bundle";
      readonly items: readonly { readonly selection: Selection; readonly quantity: number }[];
      readonly prices: Amounts;
      /** 0: as often as the goods allow. */
      readonly maxTimes: number;
    };

/** A discount and its conditions, which must all hold. */
export interface Promotion extends Audience, Window {
  readonly id: string;
  readonly name: string;
  /** The higher applies first; of equal ones the first id. */
  readonly priority: number;
  readonly exclusive: boolean;
  readonly couponRequired: boolean;
  /** Absent: all goods. */
  readonly selection?: Selection;
  readonly minQuantity: number;
  /** Empty: any total. */
  readonly minimumTotals: Amounts;
  readonly firstOrder: boolean;
  /** 0: any number. */
  readonly maxUses: number;
  /** 0: any number. */
  readonly maxUsesPerCustomer: number;
  readonly action: Action;
  readonly inactive: boolean;
  readonly version: number;
}

/** Returns whether a selection names goods, and so is not the choice of all. */
export function isNarrow({ productIds, categoryIds, skus }: Selection): boolean {
  return productIds.length + categoryIds.length + skus.length > 0;
}

/** Returns the keys by which selections can name a line. */
export function keysOf({ productId, sku, categoryIds }: Line): readonly string[] {
  return [`product/${productId}`, `sku/${sku}`, ...categoryIds.map((id) => `category/${id}`)];
}

/** Returns the keys of lines that a selection names. */
export function keysIn({ productIds, skus, categoryIds }: Selection): readonly string[] {
  return [
    ...productIds.map((id) => `product/${id}`),
    ...skus.map((sku) => `sku/${sku}`),
    ...categoryIds.map((id) => `category/${id}`),
  ];
}

const keySets = new WeakMap<Selection, ReadonlySet<string>>();

/** Returns whether a selection contains goods with these keys. */
export function isSelected(selection: Selection | undefined, keys: readonly string[]): boolean {
  if (selection === undefined || !isNarrow(selection)) return true;
  const named = keySets.get(selection) ?? new Set(keysIn(selection));
  keySets.set(selection, named);
  return keys.some((key) => named.has(key));
}

/** Promotions as they are looked up for a cart. */
export interface PromotionBook {
  readonly byId: ReadonlyMap<string, Promotion>;
  /** Those that need no coupon and select all goods. */
  readonly general: readonly Promotion[];
  /** Those that need no coupon and select some goods, by the keys of these goods. */
  readonly byKey: ReadonlyMap<string, readonly Promotion[]>;
}

/** Orders promotions as they apply. */
export function inOrder(left: Promotion, right: Promotion): number {
  return right.priority - left.priority || (left.id < right.id ? -1 : Number(left.id > right.id));
}

/** Indexes promotions, so that a cart looks only at those that its goods can meet. Inactive ones are found by id only. */
export function indexPromotions(promotions: Iterable<Promotion>): PromotionBook {
  const byId = new Map<string, Promotion>();
  const general: Promotion[] = [];
  const byKey = new Map<string, Promotion[]>();
  for (const promotion of promotions) {
    byId.set(promotion.id, promotion);
    if (promotion.couponRequired || promotion.inactive) continue;
    if (promotion.selection === undefined || !isNarrow(promotion.selection)) general.push(promotion);
    else for (const key of keysIn(promotion.selection)) keyed(key).push(promotion);
  }
  return { byId, general, byKey };

  function keyed(key: string): Promotion[] {
    const known = byKey.get(key) ?? [];
    byKey.set(key, known);
    return known;
  }
}

/** Returns the promotions without coupon that select goods with any of these keys, each once. */
export function automaticFor({ general, byKey }: PromotionBook, keys: Iterable<string>): ReadonlySet<Promotion> {
  const found = new Set(general);
  for (const key of new Set(keys)) for (const promotion of byKey.get(key) ?? []) found.add(promotion);
  return found;
}
