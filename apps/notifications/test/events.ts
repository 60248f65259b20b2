import { randomUUID } from "node:crypto";
import type { DescMessage } from "@bufbuild/protobuf";
import { event, type OutgoingEvent } from "@kontor/messaging";
import {
  OrderCancelledSchema,
  OrderConfirmedSchema,
  OrderRejectedSchema,
  OrderShippedSchema,
} from "@kontor/shop/contracts/orders/v1/events";
import { PaymentRefundedSchema } from "@kontor/shop/contracts/payments/v1/events";
import { UserRegisteredSchema, UserUpdatedSchema } from "@kontor/shop/contracts/users/v1/events";

export type User = {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  readonly locale: string;
};

export function aUser(overrides: Partial<User> = {}): User {
  const userId = randomUUID();
  return { userId, email: `${userId}@example.com`, displayName: "Ada", locale: "en", ...overrides };
}

export const registered = (user: User) => event(UserRegisteredSchema, user, { key: user.userId });
export const updated = (user: User) => event(UserUpdatedSchema, user, { key: user.userId });

const about = {
  confirmed: OrderConfirmedSchema,
  rejected: OrderRejectedSchema,
  cancelled: OrderCancelledSchema,
  shipped: OrderShippedSchema,
} as const satisfies Record<string, DescMessage>;

export function order(
  happened: keyof typeof about,
  userId: string,
  orderId: string = randomUUID(),
  number?: string,
): OutgoingEvent {
  const eur = (minor: bigint) => ({ currency: "EUR", minor });
  return event(
    about[happened],
    {
      order: {
        ...(number !== undefined && { number }),
        ...{ id: orderId, userId, trackingNumber: "TRACK-7", reason: "OUT_OF_STOCK", reasonDetail: "Gone." },
        items: [{ productId: "p", sku: "MUG-1", title: "Mug", quantity: 2, price: eur(1200n) }],
        ...{ itemsTotal: eur(2400n), shippingTotal: eur(490n), total: eur(2890n) },
        shippingAddress: { recipient: "Ada", line1: "Ring 1", city: "Berlin", postalCode: "10115", country: "DE" },
      },
    },
    { key: orderId },
  );
}

export function refunded(userId: string, orderId: string): OutgoingEvent {
  const payment = { id: "P-1", orderId, userId, amount: { currency: "EUR", minor: 2890n } };
  return event(PaymentRefundedSchema, { payment, amount: { currency: "EUR", minor: 490n } }, { key: orderId });
}

/** An order of an unknown user. */
export const emptyOrder = (key: string) => event(OrderConfirmedSchema, {}, { key });
