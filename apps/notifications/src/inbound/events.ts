import { type ConsumerDefinition, defineConsumer, type EventContext, on, onBatch } from "@kontor/messaging";
import type { Tx } from "@kontor/postgres";
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
import { guestOf, orderFacts, refundFacts, required } from "../contract/event-facts.ts";
import type { OrderTemplate } from "../domain/story.ts";
import type { NewNotification, Notifications, Recipients } from "../ports.ts";

type Deps = {
  readonly recipients: Recipients;
  readonly notifications: Pick<Notifications, "queue">;
  readonly wake: () => void;
};
type AboutUser = Pick<UserRegistered, "userId" | "email" | "displayName" | "locale">;

/** Returns the consumers of notifications: of recipients, and of the subjects of their mails. The sender sends the mails later. */
export function notificationConsumers({ recipients, notifications, wake }: Deps): readonly ConsumerDefinition[] {
  async function remember(user: AboutUser, { tx, type, time }: EventContext): Promise<void> {
    const { displayName = "", locale } = user;
    const userId = required(type, "user", user.userId);
    await recipients.put(tx, { userId, email: required(type, "address", user.email), displayName, locale }, time);
    tx.afterCommit(wake); // Notifications may have waited for the user to be known.
  }

  async function queue(tx: Tx, mails: readonly NewNotification[]): Promise<void> {
    await notifications.queue(tx, mails);
    tx.afterCommit(wake);
  }

  function about(template: OrderTemplate) {
    return async (events: readonly { event: { order?: Order | undefined }; context: EventContext }[], tx: Tx) => {
      for (const { event, context } of events) {
        const guest = guestOf(event.order);
        if (guest !== undefined) await recipients.put(tx, guest, context.time);
      }
      return queue(
        tx,
        events.map(({ event: { order }, context: { type, id: eventId } }) => {
          const { userId, facts } = orderFacts(type, order);
          return { eventId, userId, story: { template, facts } };
        }),
      );
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
        onBatch(OrderConfirmedSchema, about("order-confirmed"), orderUpcasters),
        onBatch(OrderRejectedSchema, about("order-rejected"), orderUpcasters),
        onBatch(OrderCancelledSchema, about("order-cancelled"), orderUpcasters),
        onBatch(OrderShippedSchema, about("order-shipped"), orderUpcasters),
      ],
    }),
    defineConsumer({
      durable: "notifications-payments",
      stream: "payments",
      handlers: [
        on(
          PaymentRefundedSchema,
          (event, { tx, type, id: eventId }) => {
            const { userId, facts } = refundFacts(type, event);
            return queue(tx, [{ eventId, userId, story: { template: "payment-refunded", facts } }]);
          },
          paymentRefundedUpcasters,
        ),
      ],
    }),
  ];
}
