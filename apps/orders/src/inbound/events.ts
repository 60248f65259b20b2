import {
  PaymentActionRequiredSchema,
  PaymentAuthorisedSchema,
  PaymentDeclinedSchema,
} from "@kontor/contracts/payments/v1/events";
import { ShipmentDeliveredSchema, ShipmentPickedUpSchema } from "@kontor/contracts/shipping/v1/events";
import { type ConsumerDefinition, defineConsumer, on } from "@kontor/messaging";
import type { Tx } from "@kontor/postgres";
import { askShopper, complete, ship } from "../domain/track.ts";
import type { Orders, Sagas } from "../ports.ts";

/** What orders hear: the bank's answer wakes a waiting checkout, the carrier moves the order on. */
export function orderConsumers({
  orders,
  sagas,
  now,
}: {
  orders: Orders;
  sagas: Sagas;
  now: () => Date;
}): readonly ConsumerDefinition[] {
  /** Only a checkout whose shopper was asked can be waiting; that question came before this answer. */
  async function wakeIfAsked(tx: Tx, orderId: string): Promise<void> {
    const order = await orders.find(orderId, tx);
    if (order?.actionUrl) await sagas.wakeCheckout(tx, orderId);
  }

  return [
    defineConsumer({
      durable: "orders-payments",
      stream: "payments",
      handlers: [
        on(PaymentAuthorisedSchema, (_, { tx, key }) => wakeIfAsked(tx, key)),
        on(PaymentDeclinedSchema, (_, { tx, key }) => wakeIfAsked(tx, key)),
        on(PaymentActionRequiredSchema, async ({ payment }, { tx, key }) => {
          await orders.change(tx, key, (order) => askShopper(order, payment?.actionUrl ?? "", now()));
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
