import { type ConsumerDefinition, defineConsumer, on } from "@kontor/messaging";
import { paymentRefundedUpcasters } from "@kontor/shop";
import { PaymentRefundedSchema } from "@kontor/shop/contracts/payments/v1/events";
import type { ReturnItems, ReturnRequest } from "../ports.ts";

/** Consumes refunds of payments: the units that staff named return to stock, in the transaction of the inbox. */
export function inventoryConsumers(
  returnItems: ReturnItems,
  onMissing: (request: ReturnRequest, returned: number) => void,
): ConsumerDefinition[] {
  return [
    defineConsumer({
      durable: "inventory-payments",
      stream: "payments",
      handlers: [
        on(
          PaymentRefundedSchema,
          async ({ restock, actor = "" }, { tx, key, id }) => {
            if (restock.length === 0) return;
            const items = restock.map(({ sku, quantity }) => ({ sku, quantity }));
            const request: ReturnRequest = { orderId: key, reference: id, items, actor };
            const returned = await returnItems(tx, request);
            if (returned < items.reduce((sum, { quantity }) => sum + quantity, 0)) onMissing(request, returned);
          },
          paymentRefundedUpcasters,
        ),
      ],
    }),
  ];
}
