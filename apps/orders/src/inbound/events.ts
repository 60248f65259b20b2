import {
  PaymentActionRequiredSchema,
  PaymentAuthorisedSchema,
  PaymentDeclinedSchema,
  PaymentRefundedSchema,
} from "@kontor/contracts/payments/v1/events";
import { ShipmentDeliveredSchema, ShipmentPickedUpSchema } from "@kontor/contracts/shipping/v1/events";
import { type ConsumerDefinition, defineConsumer, on } from "@kontor/messaging";
import { askShopper, complete, refund, ship } from "../domain/track.ts";
import type { Orders, Sagas } from "../ports.ts";

/** The events that orders consume: a decided payment wakes its checkout, the carrier moves the order on. */
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
        on(PaymentAuthorisedSchema, (_, { tx, key }) => sagas.wakeCheckout(tx, key)),
        on(PaymentDeclinedSchema, (_, { tx, key }) => sagas.wakeCheckout(tx, key)),
        on(PaymentActionRequiredSchema, async ({ payment }, { tx, key }) => {
          await orders.change(tx, key, (order) => askShopper(order, payment?.actionUrl ?? "", now()));
        }),
        // Events of earlier versions have no amounts with a currency.
        on(PaymentRefundedSchema, async ({ payment, actor = "", reason = "", ...refunded }, { tx, key }) => {
          const amount = refunded.amount?.minor ?? refunded.amountMinor;
          const total = payment?.refunded?.minor ?? payment?.refundedMinor ?? 0n;
          const given = { amount, refunded: total, actor, reason };
          await orders.change(tx, key, (order) => refund(order, given, now()));
        }),
      ],
    }),
    defineConsumer({
      durable: "orders-shipping",
      stream: "shipping",
      handlers: [
        on(ShipmentPickedUpSchema, async ({ shipment }, { tx, key }) => {
          await orders.change(tx, key, (order) => ship(order, shipment?.trackingNumber ?? "", now()));
        }),
        on(ShipmentDeliveredSchema, async ({ shipment }, { tx, key }) => {
          await orders.change(tx, key, (order) => complete(order, shipment?.trackingNumber ?? "", now()));
        }),
      ],
    }),
  ];
}
