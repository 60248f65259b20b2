import type { Money } from "@kontor/money";
import type { CartProblem } from "./domain/cart-problems.ts";
import type { Charges, Use } from "./domain/charges.ts";
import type { Address } from "./domain/order.ts";
import type { Quote } from "./domain/place.ts";

/** The catalog. Quotes have the order of the items. */
export interface Catalog {
  quote(items: readonly { productId: string; sku: string }[]): Promise<readonly Quote[]>;
}

export interface Users {
  /** Undefined if the user has no such address. */
  resolveAddress(userId: string, addressId: string): Promise<Address | undefined>;
}

/** Units that can be reserved, by SKU. `lowStock` is the largest number that is public. */
export interface AvailableStock {
  readonly units: ReadonlyMap<string, number>;
  readonly lowStock: number;
}

export interface Inventory {
  availability(skus: readonly string[]): Promise<AvailableStock>;
  reserve(orderId: string, items: readonly { sku: string; quantity: number }[]): Promise<void>;
  /** `closed` when nothing is reserved any more: it was released or has expired. */
  commit(orderId: string): Promise<"committed" | "closed">;
  release(orderId: string): Promise<void>;
  takeBack(orderId: string): Promise<void>;
}

export type Authorisation =
  | { readonly status: "authorised"; readonly paymentId: string }
  | { readonly status: "declined"; readonly code: string }
  | { readonly status: "action-required" };

export interface Payments {
  authorise(order: { orderId: string; userId: string; amount: Money; paymentMethod: string }): Promise<Authorisation>;
  capture(orderId: string): Promise<void>;
  void(orderId: string): Promise<void>;
  /** Refunds all captured money, and voids a hold. `partly` while another refund is in progress: then repeat it. */
  refund(orderId: string, reason: string, actor?: string): Promise<"refunded" | "partly">;
}

export type Parcel = {
  readonly orderId: string;
  readonly userId: string;
  readonly method: string;
  readonly address: Address;
  readonly items: readonly { sku: string; quantity: number }[];
  readonly weightGrams: number;
};

export interface Shipping {
  /** Throws COUNTRY_NOT_SERVED, CURRENCY_NOT_SERVED, PARCEL_TOO_HEAVY or METHOD_NOT_FOUND. */
  quote(parcel: { method: string; country: string; weightGrams: number; currency: string }): Promise<Money>;
  /** Returns the carrier's number; undefined if the parcel was recalled before. */
  dispatch(parcel: Parcel): Promise<string | undefined>;
  /** `gone` if the carrier has picked it up already. */
  recall(orderId: string): Promise<"recalled" | "gone">;
}

/** What is priced: lines at their base prices, with who buys and where it goes. */
export type PriceRequest = {
  readonly currency: string;
  readonly userId: string | undefined;
  /** Of a guest, if known: some promotions depend on who buys. */
  readonly email: string;
  /** Empty parts are not known. */
  readonly destination: { readonly country: string; readonly region: string; readonly postalCode: string };
  readonly codes: readonly string[];
  readonly lines: readonly {
    readonly productId: string;
    readonly sku: string;
    readonly quantity: number;
    /** Of one unit, perhaps in another currency. */
    readonly basePrice: Money;
    readonly categoryIds: readonly string[];
    readonly taxCategory: string;
  }[];
  /** What shipping costs by its rate; undefined while it is not known. */
  readonly shipping: bigint | undefined;
  /** Whether it is the first order of the customer; undefined if the customer is not known. */
  readonly firstOrder: boolean | undefined;
};

/** What lines cost by the rules of the shop. Unit prices are in the order of the lines, undefined for lines without a price in the currency. */
export type Priced = {
  readonly unitPrices: readonly (bigint | undefined)[];
  readonly charges: Charges;
  readonly problems: readonly CartProblem[];
};

/** By whom uses are counted: a user, or a guest by mail address. The other one is empty. */
export type UseCustomer = { readonly userId: string; readonly email: string };

/** Price lists, promotions and tax. */
export interface Pricing {
  price(request: PriceRequest): Promise<Priced>;
  /** Takes the uses of an order, all or none. Repeating it changes nothing. */
  holdUses(order: {
    readonly orderId: string;
    readonly customer: UseCustomer;
    readonly uses: readonly Use[];
  }): Promise<{ readonly status: "held" | "used up" }>;
  /** Gives the uses of an order back, once. */
  releaseUses(orderId: string): Promise<void>;
}
