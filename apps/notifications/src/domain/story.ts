/** An amount as it is stored: JSON has no bigint. */
export type Amount = { readonly currency: string; readonly minor: string };

export type Address = Readonly<
  Record<"recipient" | "line1" | "line2" | "city" | "postalCode" | "region" | "country", string>
>;

export type Line = { readonly title: string; readonly sku: string; readonly quantity: string; readonly price: Amount };

/** The facts of a mail about an order. */
export type OrderFacts = {
  readonly orderId: string;
  /** Absent from events of before there were numbers. */
  readonly orderNumber?: string;
  readonly lines: readonly Line[];
  readonly itemsTotal: Amount;
  readonly shippingTotal: Amount;
  readonly total: Amount;
  /** Absent if nothing was taken off. */
  readonly discount?: Amount;
  /** Absent without tax. */
  readonly tax?: Amount;
  /** Whether the tax is part of lines and shipping. Absent: it is. */
  readonly taxIncluded?: boolean;
  readonly address?: Address;
  readonly trackingNumber: string;
  /** Why it ended, as the event named it: an `EndReason`, unless another version of orders wrote it. */
  readonly reason: string;
  /** Why its payment was declined, as the event named it. */
  readonly declineCode?: string;
};

/** The facts of a mail about a refund. */
export type RefundFacts = { readonly orderId: string; readonly orderNumber?: string; readonly amount: Amount };

export type OrderTemplate = "order-confirmed" | "order-rejected" | "order-cancelled" | "order-shipped";

/** The subject of a mail. Stored as JSON: a new field must be optional. */
export type Story =
  | { readonly template: OrderTemplate; readonly facts: OrderFacts }
  | { readonly template: "payment-refunded"; readonly facts: RefundFacts };

/** Returns the order's name for the user: its number, else its id. */
export function nameOfOrder({ facts: { orderNumber, orderId } }: Story): string {
  return orderNumber ?? orderId;
}
