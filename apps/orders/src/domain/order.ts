import type { Money } from "@kontor/money";
import type { Charges } from "./charges.ts";

/** The status of an order, apart from a requested cancellation. */
export type Stage = "placed" | "confirmed" | "shipped" | "completed" | "rejected" | "cancelled";

/** The ordered units of one variant. `price` is for one unit. */
export type Line = {
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly price: bigint;
};

export type Address = {
  readonly id: string;
  readonly recipient: string;
  readonly line1: string;
  readonly line2: string;
  readonly city: string;
  readonly postalCode: string;
  readonly region: string;
  readonly country: string;
};

/** The content of an order that the shopper accepted. It never changes, but for the user who adopts an order without an account. */
export type Placement = {
  readonly orderId: string;
  /** For people, such as `K-7Q4M-2X9P`. Absent from events before there were numbers; the order has one nevertheless. */
  readonly number?: string;
  readonly userId: string;
  readonly lines: readonly Line[];
  readonly itemsTotal: Money;
  readonly shippingTotal: Money;
  readonly total: Money;
  readonly weightGrams: number;
  readonly address: Address;
  readonly shippingMethod: string;
  readonly paymentMethod: string;
  /** Absent from orders of before there was pricing: they have neither discounts nor tax. */
  readonly charges?: Charges;
  /** Absent: the bill goes to the shipping address. */
  readonly billingAddress?: Address;
  readonly note?: string;
  /** Of an order without an account: where its mails go, the one spelling of that address, and the language of the mails. */
  readonly email?: string;
  readonly emailKey?: string;
  readonly locale?: string;
};

/** The events of an order. Stored forever: an event may gain optional facts, never lose or rename one. */
export type OrderEvent = { readonly at: Date } & (
  | ({ readonly type: "placed" } & Placement)
  | { readonly type: "stock-reserved" }
  | { readonly type: "payment-action-required"; readonly actionUrl: string }
  | { readonly type: "payment-authorised"; readonly paymentId: string }
  | { readonly type: "stock-committed" }
  | { readonly type: "confirmed" }
  | { readonly type: "dispatched"; readonly trackingNumber: string }
  | { readonly type: "shipped" }
  | { readonly type: "completed" }
  | { readonly type: "rejected"; readonly reason: string; readonly detail: string }
  | { readonly type: "cancellation-requested"; readonly by: string; readonly reason: string }
  | { readonly type: "cancellation-refused"; readonly detail: string }
  | { readonly type: "cancelled"; readonly reason: string; readonly detail: string }
  /** A user proved the mail address of an order without an account. */
  | { readonly type: "adopted"; readonly userId: string }
  /** `refunded` is the total refund after it. */
  | {
      readonly type: "refunded";
      readonly amount: bigint;
      readonly refunded: bigint;
      readonly actor: string;
      readonly reason: string;
    }
);

/** The part of an order that changes. */
export type OrderState = {
  readonly stage: Stage;
  /** A cancellation was requested and is not decided yet. */
  readonly cancelling: boolean;
  readonly reason: string;
  readonly reasonDetail: string;
  readonly actionUrl: string;
  readonly trackingNumber: string;
  /** The total refund so far, in minor units. */
  readonly refunded: bigint;
};

export type Order = Placement &
  OrderState & {
    /** The number of events so far. */
    readonly version: number;
    readonly placedAt: Date;
    readonly updatedAt: Date;
  };

/** The order after one more event. The first event of an order is `placed`, and only the first. */
export function apply(order: Order | undefined, event: OrderEvent): Order {
  if (event.type === "placed") return begin(event);
  if (order === undefined) throw new Error(`An order cannot begin with ${event.type}.`);
  return { ...order, ...changeBy(event), version: order.version + 1, updatedAt: event.at };
}

function begin({ type: _, at, ...placement }: Extract<OrderEvent, { type: "placed" }>): Order {
  const unset = { reason: "", reasonDetail: "", actionUrl: "", trackingNumber: "", refunded: 0n };
  return { ...placement, ...unset, stage: "placed", cancelling: false, version: 1, placedAt: at, updatedAt: at };
}

/** Returns a new order of a placement, at version 1. */
export function newOrder(placement: Placement, at: Date): Order {
  return begin({ type: "placed", ...placement, at });
}

/** The event that began an order. */
export function placedEvent(order: Order): OrderEvent {
  const { stage: _, cancelling: _c, reason: _r, reasonDetail: _d, actionUrl: _a, trackingNumber: _t, ...rest } = order;
  const { refunded: _g, version: _v, updatedAt: _u, placedAt, ...placement } = rest;
  return { type: "placed", ...placement, at: placedAt };
}

const GUEST = "guest:";

/** Returns what stands for the user of an order without an account. It is the subject of no token. */
export function guestOf(orderId: string): string {
  return `${GUEST}${orderId}`;
}

/** Whether an order has no account. */
export function isGuest({ userId }: Pick<Placement, "userId">): boolean {
  return userId.startsWith(GUEST);
}

/** Gives an order without an account to a user. An order that has an account stays as it is. */
export function adopt(order: Order, userId: string, at: Date): readonly OrderEvent[] {
  return isGuest(order) ? [{ type: "adopted", userId, at }] : [];
}

/** Returns the changes of an event to a placed order. */
export function changeBy(
  event: Exclude<OrderEvent, { type: "placed" }>,
): Partial<OrderState & Pick<Placement, "userId">> {
  switch (event.type) {
    case "adopted":
      return { userId: event.userId };
    case "stock-reserved":
    case "stock-committed":
      return {};
    case "payment-action-required":
      return { actionUrl: event.actionUrl };
    case "payment-authorised":
      return { actionUrl: "" };
    case "dispatched":
      return { trackingNumber: event.trackingNumber };
    case "confirmed":
    case "shipped":
    case "completed":
      return { stage: event.type };
    case "refunded":
      return { refunded: event.refunded };
    case "cancellation-requested":
      return { cancelling: true };
    case "cancellation-refused":
      return { cancelling: false };
    case "rejected":
    case "cancelled":
      return { stage: event.type, cancelling: false, reason: event.reason, reasonDetail: event.detail, actionUrl: "" };
  }
}

/** Whether this can be the id of an order. Other texts are not queried, because PostgreSQL refuses some of them. */
export function isOrderId(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

/** Whether nothing can happen to the order any more. A delivered one may still wait for a cancellation to be refused. */
export function isFinal(order: Order): boolean {
  if (order.cancelling) return false;
  return order.stage === "completed" || order.stage === "rejected" || order.stage === "cancelled";
}
