import { type ConsumerDefinition, defineConsumer, type EventContext, on } from "@kontor/messaging";
import { orderUpcasters, paymentRefundedUpcasters } from "@kontor/shop";
import {
  OrderCancelledSchema,
  OrderConfirmedSchema,
  OrderRejectedSchema,
  OrderShippedSchema,
} from "@kontor/shop/contracts/orders/v1/events";
import type { Order } from "@kontor/shop/contracts/orders/v1/order";
import { PaymentRefundedSchema } from "@kontor/shop/contracts/payments/v1/events";
import { type UserRegistered, UserRegisteredSchema, UserUpdatedSchema } from "@kontor/shop/contracts/users/v1/events";
import { orderFacts, refundFacts, required } from "../contract/event-facts.ts";
import type { OrderTemplate, Story } from "../domain/story.ts";
import type { Notifications, Recipients } from "../ports.ts";

type Deps = {
  readonly recipients: Recipients;
  readonly notifications: Pick<Notifications, "queue">;
  readonly wake: () => void;
};
type AboutUser = Pick<UserRegistered, "userId" | "email" | "displayName" | "locale">;

/** What notifications hear: who is who, and what to tell them. The mail itself is sent later, by the sender. */
export function notificationConsumers({ recipients, notifications, wake }: Deps): readonly ConsumerDefinition[] {
  async function remember(user: AboutUser, { tx, type, time }: EventContext): Promise<void> {
    const { displayName = "", locale } = user;
    const userId = required(type, "user", user.userId);
    await recipients.put(tx, { userId, email: required(type, "address", user.email), displayName, locale }, time);
    tx.afterCommit(wake); // Notifications may have waited for the user to be known.
  }

  async function tell(userId: string, story: Story, { tx, id: eventId }: EventContext): Promise<void> {
    await notifications.queue(tx, { eventId, userId, story });
    tx.afterCommit(wake);
  }

  function about(template: OrderTemplate) {
    return ({ order }: { order?: Order | undefined }, context: EventContext) => {
      const { userId, facts } = orderFacts(context.type, order);
      return tell(userId, { template, facts }, context);
    };
  }

  return [
    defineConsumer({
      durable: "notifications-users",
      stream: "users",
      handlers: [on(UserRegisteredSchema, remember), on(UserUpdatedSchema, remember)],
    }),
    defineConsumer({
      durable: "notifications-orders",
      stream: "orders",
      handlers: [
        on(OrderConfirmedSchema, about("order-confirmed"), orderUpcasters),
        on(OrderRejectedSchema, about("order-rejected"), orderUpcasters),
        on(OrderCancelledSchema, about("order-cancelled"), orderUpcasters),
        on(OrderShippedSchema, about("order-shipped"), orderUpcasters),
      ],
    }),
    defineConsumer({
      durable: "notifications-payments",
      stream: "payments",
      handlers: [
        on(
          PaymentRefundedSchema,
          async (event, context) => {
            const { userId, facts } = refundFacts(context.type, event);
            await tell(userId, { template: "payment-refunded", facts }, context);
          },
          paymentRefundedUpcasters,
        ),
      ],
    }),
  ];
}
