import { type ConsumerDefinition, defineConsumer, on, onJoined } from "@kontor/messaging";
import { paymentRefundedUpcasters } from "@kontor/shop";
import {
  PaymentActionRequiredSchema,
  PaymentAuthorisedSchema,
  PaymentDeclinedSchema,
  PaymentRefundedSchema,
} from "@kontor/shop/contracts/payments/v1/events";
import { ShipmentDeliveredSchema, ShipmentPickedUpSchema } from "@kontor/shop/contracts/shipping/v1/events";
import { UserEmailVerifiedSchema } from "@kontor/shop/contracts/users/v1/events";
import { parseMailAddress } from "@kontor/text";
import { adopt } from "../domain/order.ts";
import { askShopper, complete, refund, ship } from "../domain/track.ts";
import type { Orders, Sagas } from "../ports.ts";

/**
 * Returns the handlers of the events that orders consume. A decided payment wakes its checkout, and the carrier's events change the state of
 * the order. A user who proved a mail address adopts the orders that were placed with it. The changes of a batch share statements.
 */
export function orderConsumers({
  orders,
  sagas,
  now,
}: {
  orders: Orders;
  sagas: Sagas;
  now: () => Date;
}): readonly ConsumerDefinition[] {
  return [
    defineConsumer({
      durable: "orders-payments",
      stream: "payments",
      handlers: [
        onJoined(PaymentAuthorisedSchema, (_, { tx, key }) => sagas.wakeCheckout(tx, key)),
        onJoined(PaymentDeclinedSchema, (_, { tx, key }) => sagas.wakeCheckout(tx, key)),
        onJoined(PaymentActionRequiredSchema, async ({ payment }, { tx, key }) => {
          await orders.change(tx, key, (order) => askShopper(order, payment?.actionUrl ?? "", now()));
        }),
        onJoined(
          PaymentRefundedSchema,
          async ({ payment, amount, actor = "", reason = "" }, { tx, key }) => {
            const given = { amount: amount?.minor ?? 0n, refunded: payment?.refunded?.minor ?? 0n, actor, reason };
            await orders.change(tx, key, (order) => refund(order, given, now()));
          },
          paymentRefundedUpcasters,
        ),
      ],
    }),
    defineConsumer({
      durable: "orders-shipping",
      stream: "shipping",
      handlers: [
        onJoined(ShipmentPickedUpSchema, async ({ shipment }, { tx, key }) => {
          await orders.change(tx, key, (order) => ship(order, shipment?.trackingNumber ?? "", now()));
        }),
        onJoined(ShipmentDeliveredSchema, async ({ shipment }, { tx, key }) => {
          await orders.change(tx, key, (order) => complete(order, shipment?.trackingNumber ?? "", now()));
        }),
      ],
    }),
    defineConsumer({
      durable: "orders-users",
      stream: "users",
      handlers: [
        on(UserEmailVerifiedSchema, async ({ userId, email }, { tx }) => {
          const key = parseMailAddress(email)?.key;
          for (const orderId of key === undefined ? [] : await orders.ofGuest(tx, key))
            await orders.change(tx, orderId, (order) => adopt(order, userId, now()));
        }),
      ],
    }),
  ];
}
