import type { Claim } from "@kontor/idempotency";
import type { Coupon } from "./domain/coupon.ts";
import type { ListPrice } from "./domain/price-list.ts";
import type { PriceRequest } from "./domain/request.ts";
import type { RuleBook, RuleKind, RuleOf } from "./domain/rule-book.ts";
import type { TaxQuote } from "./domain/tax-quote.ts";
import type { PromotionUse, UseCounts } from "./domain/uses.ts";

/** The rules, held in memory. */
export interface RuleStore {
  /** Returns the rules as this process knows them. */
  known(): RuleBook;
  /** Loads what other processes changed, and returns the rules. */
  refresh(): Promise<RuleBook>;
  /**
   * Stores a rule and publishes RuleChanged, in one transaction. Changes run one after another in the whole service: `decide` is called with
   * the rules that all earlier ones left, and may be called again.
   */
  save<K extends RuleKind>(kind: K, decide: (book: RuleBook) => RuleOf[K]): Promise<RuleOf[K]>;
  /** Sets prices, all or none, and publishes ListPricesChanged. Throws RULE_NOT_FOUND. */
  setPrices(priceListId: string, prices: readonly ListPrice[]): Promise<void>;
  /** Removes all prices of these SKUs, and publishes ListPricesChanged if there were any. Throws RULE_NOT_FOUND. */
  removePrices(priceListId: string, skus: readonly string[]): Promise<void>;
  /** Returns prices by SKU, currency and tier. */
  listPrices(priceListId: string, page: PricePage): Promise<readonly ListPrice[]>;
}

/** Where a page of prices starts, and how long it is. */
export interface PricePage {
  readonly after?: Pick<ListPrice, "sku" | "currency" | "minQuantity"> | undefined;
  readonly limit: number;
}

/** A coupon with the number of orders that use it. */
export interface UsedCoupon extends Coupon {
  readonly folded: string;
  readonly uses: bigint;
}

/** Coupons that are created together. */
export interface NewCoupons extends Pick<Coupon, "maxUses" | "maxUsesPerCustomer" | "validUntil"> {
  readonly batch: string;
  readonly promotionId: string;
  readonly codes: readonly string[];
}

/** The coupons. */
export interface CouponStore {
  /** Stores coupons, all or none, and publishes CouponsChanged, in the transaction that settles the claim. Throws COUPON_EXISTS. */
  add(coupons: NewCoupons, claim: Claim): Promise<void>;
  /** Returns the codes of a batch, in the order in which they were created. */
  codesOf(batch: string): Promise<readonly string[]>;
  /** Returns the coupons that there are of these folded codes. */
  find(folded: readonly string[]): Promise<readonly UsedCoupon[]>;
  /** Returns coupons of a promotion by folded code. */
  list(
    promotionId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly UsedCoupon[]>;
  /** Changes a coupon and publishes CouponsChanged. Throws COUPON_NOT_FOUND. */
  change(folded: string, decide: (coupon: UsedCoupon) => Coupon): Promise<UsedCoupon>;
}

/** The uses of an order. */
export interface HeldUses {
  readonly orderId: string;
  readonly uses: readonly PromotionUse[];
  /** The keys that uses of the customer are counted by. */
  readonly customers: readonly string[];
}

/** How often promotions and coupons are used. */
export interface UseStore {
  /** Returns counts of these subjects, for all and for each of the customers, without those of an order. */
  counts(query: {
    readonly subjects: readonly string[];
    readonly customers: readonly string[];
    readonly exceptOrder?: string | undefined;
  }): Promise<UseCounts>;
  /**
   * Takes the uses of an order, all or none, in one conditional write, and publishes UsesHeld. Again for the order: changes nothing. Throws
   * USE_LIMIT_REACHED, USES_CLOSED or USES_DIFFER.
   */
  hold(uses: HeldUses): Promise<void>;
  /** Gives the uses of an order back once and publishes UsesReleased; without uses leaves a mark. Returns whether there were any. */
  release(orderId: string): Promise<boolean>;
}

/** What an official service said about a VAT id. */
export interface VatCheck {
  /** Folded. */
  readonly vatId: string;
  readonly valid: boolean;
  readonly consultationNumber?: string;
  readonly checkedAt: Date;
}

/** The last check of each VAT id. */
export interface VatChecks {
  record(check: VatCheck): Promise<void>;
  find(vatId: string): Promise<VatCheck | undefined>;
}

/** Where taxes come from. A failure throws; it is never a tax of 0. */
export interface TaxProvider {
  /** @throws KontorError TAX_RATE_MISSING or one that says whether a retry can help */
  quote(request: Pick<PriceRequest, "destination" | "customer">, at: Date): Promise<TaxQuote>;
}
