/** Where goods go. */
export interface Destination {
  readonly country: string;
  readonly region: string;
  readonly postcode: string;
}

/** Who buys. */
export interface Customer {
  /** Absent: a guest. */
  readonly userId?: string;
  /** Absent: not known yet. */
  readonly email?: string;
  readonly groups: readonly string[];
  /** Absent: not known yet. */
  readonly firstOrder?: boolean;
  readonly vatId?: string;
}

/** Goods to price. */
export interface Line {
  readonly id: string;
  readonly productId: string;
  readonly sku: string;
  /** The category of the product and all above it. */
  readonly categoryIds: readonly string[];
  readonly taxCategoryId?: string;
  readonly quantity: number;
  /** The base price of a unit in minor units. Absent: there is none in the currency. */
  readonly unitPrice?: bigint;
}

/** What is to be priced. */
export interface PriceRequest {
  readonly currency: string;
  /** Absent: not known. */
  readonly destination?: Destination;
  readonly customer: Customer;
  /** Absent: no channel. */
  readonly channel?: string;
  /** The coupon codes as they were entered. */
  readonly codes: readonly string[];
  readonly lines: readonly Line[];
  /** What the method costs. Absent: none is chosen. */
  readonly shipping?: bigint;
  /** The order whose own uses do not count against it. */
  readonly orderId?: string;
}

/** What a rule says about whom it applies to. */
export interface Audience {
  /** Empty: everyone. */
  readonly groups: readonly string[];
  /** Empty: all channels. */
  readonly channels: readonly string[];
}

/** Returns whether a rule applies to the customer of a request and to its channel. */
export function isFor({ groups, channels }: Audience, { customer, channel }: PriceRequest): boolean {
  if (groups.length > 0 && !customer.groups.some((group) => groups.includes(group))) return false;
  return channels.length === 0 || (channel !== undefined && channels.includes(channel));
}
